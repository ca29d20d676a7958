"""When a report is worth making, and that one whose making broke off is the same as one made in peace."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trivec.encoders import sparse
from trivec.encoders.catalog import EncoderSet, build
from trivec.errors import BadInput, Cancelled
from trivec.learning.base import silent
from trivec.records import Document
from trivec.registry import Registry
from trivec.services.batches import Batch, BatchWriter
from trivec.services.job_records import now
from trivec.services.passages import Preparation
from trivec.services.question_vectors import QuestionVectors
from trivec.services.trend_counts import TopicCounter
from trivec.services.trend_records import Topic, TrendRequest
from trivec.services.trend_reports import TrendReports
from trivec.services.trends import TrendsService
from trivec.services.trends_learning import TrendsLearner
from trivec.store import Store
from trivec.text.analyser import Analyser

WORDS = [f"{one}{other}" for one in ("river", "snow", "farm", "ship", "court") for other in "abcdefghijklmnopqrst"]


def text(random: np.random.Generator, words: int = 8) -> str:
    return " ".join(random.choice(WORDS, words))


def documents(days: Iterable[date], *, count: int, words: int = 8, name: str = "") -> list[Document]:
    """So many notes a day."""
    random = np.random.default_rng(1)
    return [
        Document(
            f"{name}{day}-{number}",
            text(random, words),
            date=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            labels=("all", "even" if random.random() < 0.4 else "odd"),
        )
        for day in days
        for number in range(count)
    ]


def days(first: date, last: date, *, weekends: bool = True) -> list[date]:
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in every if weekends or day.weekday() < 5]


class Room:
    """A corpus in memory, what learns from it, and the day that it is."""

    def __init__(self, name: str, encoders: EncoderSet, registry: Registry, analyser: Analyser) -> None:
        self.name, self.today = name, date(2030, 1, 1)
        self.store = Store.from_client(QdrantClient(":memory:"))
        self.registry = registry
        self.store.activate(self.store.create_generation(name, encoders.specs))
        self._writer = BatchWriter(self.store, lambda _generation: encoders, Preparation())
        counter = TopicCounter(self.store, QuestionVectors(lambda _generation: encoders), analyser)
        self.reports = TrendReports(registry)
        self.trends = TrendsService(self.store, counter, self.reports, today=lambda: self.today)
        self.learner = TrendsLearner(self.store, registry, analyser.analyse, series=4, today=lambda: self.today)

    def add(self, documents: list[Document]) -> None:
        self._writer.write(Batch(self.name, documents, now()), looked=lambda unchanged: None)

    def wants(self) -> bool:
        return self.learner.wants(self.name)


@pytest.fixture
def room(request: pytest.FixtureRequest, registry: Registry, analyser: Analyser, tmp_path: Path) -> Room:
    bm25 = build([sparse.spec("bm25", average_terms=8.0)], artefacts=Path, cache=tmp_path, threads=1)
    return Room(request.node.name.partition("[")[0][-40:].strip("_").replace("_", "-"), bm25, registry, analyser)


def test_a_report_is_due_only_where_one_can_be_made(room: Room, tmp_path: Path) -> None:
    months = [date(2001 + month // 12, month % 12 + 1, 3) for month in range(14)]
    room.add(documents(months[:10], count=6))
    assert not room.wants()
    with pytest.raises(BadInput, match="periods of a year hold enough text: a report needs 12"):
        room.learner.learn(room.name, {}, tmp_path / "early", silent)
    room.add(documents(months[10:], count=6))
    assert room.wants()
    room.learner.learn(room.name, {}, tmp_path / "made", silent)
    assert not room.wants()


def test_weekends_that_are_not_counted_make_no_report_due(room: Room, tmp_path: Path) -> None:
    room.add(documents(days(date(2024, 1, 1), date(2024, 2, 2), weekends=False), count=6))
    room.add(documents([date(2024, 1, 20), date(2024, 2, 3)], count=1, name="weekend"))
    assert room.wants()
    room.learner.learn(room.name, {}, tmp_path, silent)
    [version] = room.registry.versions(f"{room.name}.trends")
    assert (version.parameters["frequency"], version.parameters["last"]) == ("day", "2024-02-02")
    assert not room.wants()
    room.add(documents([date(2024, 2, 4)], count=1, name="weekend"))
    assert not room.wants()
    room.add(documents([date(2024, 2, 5)], count=6))
    assert room.wants()


def test_times_that_share_too_few_words_make_fewer_slices_or_none(room: Room, tmp_path: Path) -> None:
    random = np.random.default_rng(2)

    def year(year: int, words: list[str]) -> list[Document]:
        return [
            Document(
                f"{year}-{number}", " ".join(random.choice(words, 215)), date=datetime(year, 1, 1 + number, tzinfo=UTC)
            )
            for number in range(6)
        ]

    other = [f"new{word}" for word in WORDS]
    room.add([each for number in range(16) for each in year(2000 + number, WORDS if number < 4 else other)])
    room.learner.learn(room.name, {}, tmp_path / "some", silent)
    assert len(room.reports.words(room.name)[1].slices) == 3
    room.add([each for number in range(16) for each in year(2000 + number, other if number < 8 else WORDS)])
    assert room.learner.learn(room.name, {}, tmp_path / "none", silent)["promoted"]
    with pytest.raises(BadInput, match="too little dated text"):
        room.reports.words(room.name)


def test_only_what_lies_in_whole_periods_is_new(room: Room, tmp_path: Path) -> None:
    room.today = date(2002, 3, 29)
    months = [date(2001 + month // 12, month % 12 + 1, day) for month in range(14) for day in (2, 28)]
    room.add(documents(months, count=4))
    room.learner.learn(room.name, {}, tmp_path, silent)
    room.add(documents([date(2002, 3, 2), date(2002, 3, 28)], count=8))
    assert not room.wants(), "March is not over"
    room.today = date(2002, 4, 1)
    assert room.wants()


def test_a_few_texts_more_are_not_worth_a_report_and_a_hundredth_of_all_is(room: Room, tmp_path: Path) -> None:
    months = [date(2001 + month // 12, month % 12 + 1, day) for month in range(14) for day in (2, 28)]
    room.add(documents(months, count=8))
    room.learner.learn(room.name, {}, tmp_path, silent)
    room.add(documents([date(2001, 7, 2)], count=2, name="more"))
    assert not room.wants()
    room.add(documents([date(2001, 7, 3)], count=2, name="more"))
    assert room.wants()


def test_one_stray_date_changes_neither_series_nor_report_but_is_told(room: Room, tmp_path: Path) -> None:
    room.add(documents(days(date(2024, 1, 1), date(2024, 2, 20)), count=6))
    asked = TrendRequest(room.name, (Topic("label", "even"),))
    before = room.trends.trends(asked)
    assert (before.frequency, before.left_out) == ("day", 0)
    assert before.trends[0].forecast is not None
    room.add(documents([date(1970, 1, 1), date(9999, 12, 31)], count=1, name="stray"))
    after = room.trends.trends(asked)
    assert (after.trends, after.left_out) == (before.trends, 2)
    room.learner.learn(room.name, {}, tmp_path, silent)
    assert not room.wants()
    _, report = room.reports.current(room.name)
    assert (report.frequency, report.left_out, len(report.periods)) == ("day", 2, 51)
    assert max(report.terms.days) == date(2024, 2, 20)
    early = room.trends.trends(TrendRequest(room.name, (Topic("label", "even"),), "year", first=date(1970, 1, 1)))
    assert (early.trends[0].periods[0], early.trends[0].totals[0], early.left_out) == ("1970", 1, 1)


def test_too_few_texts_in_every_period_are_not_taken_for_none(room: Room) -> None:
    room.add(documents([date(2001 + month // 12, month % 12 + 1, 3) for month in range(24)], count=2))
    [trend] = room.trends.trends(TrendRequest(room.name, (Topic("label", "all"),), "month")).trends
    assert trend.forecast is None
    assert "24 of 24 periods have fewer than 5 texts" in trend.refusal
    [counted] = room.trends.trends(TrendRequest(room.name, (Topic("label", "all"),), "month", "count")).trends
    assert counted.forecast is not None
    [nothing] = room.trends.trends(TrendRequest(room.name, (Topic("label", "none"),), "month")).trends
    assert nothing.refusal == "no text has this topic"


def test_the_test_beside_a_forecast_is_of_that_forecast(room: Room, tmp_path: Path) -> None:
    """What the last origin of the test said is what was drawn there, with the experience of that day."""
    room.add(documents(days(date(2024, 1, 1), date(2024, 2, 20)), count=6))
    room.learner.learn(room.name, {}, tmp_path, silent)
    topic = Topic("label", "even")
    now_ = room.trends.trends(TrendRequest(room.name, (topic,), horizon=5))
    tested = now_.trends[0].tested
    assert tested is not None
    _, report = room.reports.current(room.name)
    assert report.experience
    assert now_.experience
    assert 0 < tested.helped == tested.origins
    assert set(tested.mase) == {"trivec", "naive", "mean", "seasonal_naive"}
    past = tested.past[-1]
    then = room.trends.trends(TrendRequest(room.name, (topic,), horizon=5, last=date.fromisoformat(past.made_after)))
    forecast = then.trends[0].forecast
    assert forecast is not None
    assert past.middle == pytest.approx(forecast.middle, rel=0.003), "up to when fitted models were fitted"


KANJI = "川が増水した 橋を渡れない 전쟁 끝 war ox"


def test_short_words_of_other_scripts_are_terms(room: Room, tmp_path: Path) -> None:
    every = documents(days(date(2024, 1, 1), date(2024, 1, 20)), count=6)
    room.add([Document(each.id, f"{each.text} {KANJI}", date=each.date) for each in every])
    room.learner.learn(room.name, {}, tmp_path, silent)
    _, report = room.reports.current(room.name)
    assert {"川", "橋", "전쟁", "끝", "war"} <= set(report.terms.terms)
    assert "ox" not in report.terms.terms


@pytest.mark.parametrize("share", [0.0, 0.3, 0.45, 0.6, 0.75, 0.95])
def test_a_report_that_broke_off_anywhere_is_finished_as_if_it_had_not(
    room: Room, tmp_path: Path, share: float
) -> None:
    months = [date(2001 + month // 12, month % 12 + 1, day) for month in range(26) for day in (2, 28)]
    room.add(documents(months, count=4, words=60))
    stopped = []

    def stop(doing: str, done: float) -> None:
        if done >= share:
            stopped.append(doing)
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        room.learner.learn(room.name, {}, tmp_path / "broken", stop)
    assert stopped
    said: list[str] = []
    broken = room.learner.learn(room.name, {}, tmp_path / "broken", lambda doing, done: said.append(doing))
    whole = room.learner.learn(room.name, {}, tmp_path / "whole", silent)
    assert any("reading" in each for each in said) == (share < 0.3), "a corpus that was read is not read again"
    assert broken["metrics"] == whole["metrics"]
    one, other = (_files(room.registry.path(str(each["reference"]))) for each in (broken, whole))
    assert "words/drift.safetensors" in one
    assert one == other


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
