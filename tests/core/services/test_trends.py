"""Trends of a corpus: counted by the store, forecast, reported every day; periods that are not over are not zero."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadInput, Cancelled, NotFound
from trivec.learning.base import silent
from trivec.records import Document, Predicted
from trivec.registry import Registry
from trivec.services.batches import Batch, BatchWriter
from trivec.services.job_records import now
from trivec.services.passages import Preparation
from trivec.services.question_vectors import QuestionVectors
from trivec.services.trend_counts import TopicCounter
from trivec.services.trend_drift import DriftService
from trivec.services.trend_records import Topic, TrendRequest
from trivec.services.trend_reports import Report, TrendReports
from trivec.services.trends import TrendsService
from trivec.services.trends_learning import TrendsLearner
from trivec.store import Store
from trivec.text.analyser import Analyser

CORPUS = "weather"
TODAY = date(2003, 7, 20)
SUBJECTS = {
    "flood": ["river", "flood", "rain", "dam", "water", "bridge", "boats", "levee"],
    "snow": ["snow", "frost", "ice", "sledge", "glacier", "winter", "coat", "storm"],
}


def documents() -> list[Document]:
    """Thirty months of notes, ten a month; floods grow from month 18 on, when people begin to say `sandbags`."""
    random = np.random.default_rng(1)
    made = []
    for month in range(31):
        year, calendar_month = 2001 + month // 12, month % 12 + 1
        for number in range(10):
            subject = "flood" if random.random() < (0.3 if month < 18 else 0.8) else "snow"
            words = list(random.choice(SUBJECTS[subject], 6))
            if subject == "flood" and month >= 24:
                words.append("sandbags")
            text = f"They saw {', '.join(words)}."
            day = datetime(year, calendar_month, 1 + 2 * number, tzinfo=UTC)
            made.append(Document(f"{month}-{number}", text, date=day, labels=("weather", subject)))
    return [*made, Document("undated", "A flood without a date.", labels=("weather", "flood"))]


class World:
    """Services over an in-memory Qdrant."""

    def __init__(self, encoders: EncoderSet, registry: Registry, analyser: Analyser) -> None:
        self.store = Store.from_client(QdrantClient(":memory:"))
        self.registry = registry
        self.store.activate(self.store.create_generation(CORPUS, encoders.specs))
        self.store.activate(self.store.create_generation("empty", encoders.specs))
        writer = BatchWriter(self.store, lambda _generation: encoders, Preparation())
        writer.write(Batch(CORPUS, documents(), now()), looked=lambda unchanged: None)
        self.counter = TopicCounter(self.store, QuestionVectors(lambda _generation: encoders), analyser)
        self.reports = TrendReports(registry)
        self.trends = TrendsService(self.store, self.counter, self.reports, today=lambda: TODAY)
        self.drift = DriftService(self.store, self.counter, self.reports, analyser.analyse)
        self.learner = TrendsLearner(self.store, registry, analyser.analyse, series=5)

    def ask(self, *topics: str, frequency: str | None = None, measure: str = "share") -> TrendRequest:
        return TrendRequest(CORPUS, tuple(map(Topic.parse, topics)), frequency, measure)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world(encoders: EncoderSet, registry: Registry, analyser: Analyser) -> World:
    return World(encoders, registry, analyser)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the learning lays aside what it has done."""
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def report(world: World, folder: Path) -> dict[str, object]:
    """What came of learning once."""
    return world.learner.learn(CORPUS, {}, folder, silent)


def test_a_topic_is_counted_by_month_and_the_running_month_is_partial_not_zero(world: World) -> None:
    found = world.trends.trends(world.ask("label:flood"))
    assert (found.frequency, found.measure) == ("month", "share")
    [trend] = found.trends
    assert trend.unit == "documents"
    assert (trend.periods[0], trend.periods[-1], len(trend.periods)) == ("2001-01", "2003-07", 31)
    assert trend.totals == (10,) * 31
    assert trend.values[:30] == tuple(count / 10 for count in trend.counts[:30])
    assert trend.partial == (False,) * 30 + (True,)
    assert trend.values[30] is None
    assert sum(trend.counts[:18]) < sum(trend.counts[18:30]) * 0.9


def test_the_running_period_is_the_first_that_is_forecast(world: World) -> None:
    [trend] = world.trends.trends(world.ask("label:flood")).trends
    forecast = trend.forecast
    assert forecast is not None
    assert forecast.periods[0] == "2003-07"
    assert 0.5 < forecast.middle[0] < 1.0
    for level in (forecast.interval_80, forecast.interval_95):
        assert all(
            low <= middle <= high for low, middle, high in zip(level.lower, forecast.middle, level.upper, strict=True)
        )
    assert sum(forecast.methods.values()) <= 1.0 + 1e-9


def test_a_forecast_comes_with_how_good_it_has_been(world: World) -> None:
    [trend] = world.trends.trends(world.ask("label:flood")).trends
    tested = trend.tested
    assert tested is not None
    assert set(tested.mase) == {"trivec", "naive", "mean"}, "two years are too few for a season before every origin"
    assert 0 <= tested.coverage <= tested.coverage_95 <= 1
    for past in tested.past:
        assert past.made_after < past.periods[0]
        assert len(past.actual) == len(past.middle)


def test_a_change_of_level_is_told(world: World) -> None:
    [trend] = world.trends.trends(world.ask("label:flood")).trends
    assert len(trend.changes) == 1
    assert "2002-05" <= trend.changes[0].period <= "2002-09"
    assert trend.changes[0].after > trend.changes[0].before + 0.2


def test_terms_are_counted_in_passages_any_way_they_are_said(world: World) -> None:
    both, one, other = world.trends.trends(world.ask("river|dam", "river", "dam")).trends
    assert both.unit == "passages"
    assert sum(both.counts) > max(sum(one.counts), sum(other.counts))
    assert sum(both.counts) < sum(one.counts) + sum(other.counts)


def test_a_query_finds_what_is_near_in_meaning(world: World) -> None:
    [near] = world.trends.trends(world.ask("query:high water on the rivers")).trends
    floods = world.trends.trends(world.ask("label:flood", measure="count")).trends[0]
    late = np.array(near.counts[18:30]).sum() / max(1, np.array(near.counts).sum())
    assert late > 0.4
    assert 10 <= sum(near.counts) <= 2 * sum(floods.counts)


def test_counts_and_predicted_labels_are_series_too(world: World) -> None:
    document = world.store.document(world.store.current(CORPUS), "0-0")[0].passage
    predicted = Predicted(("weather", "hail"), 0.9, "weather.taxonomy:1")
    world.store.set_predicted(CORPUS, {"0-0": predicted}, hashes={"0-0": document.content_hash})
    found = world.trends.trends(world.ask("predicted:hail", measure="count"))
    assert found.trends[0].counts[0] == 1
    assert sum(found.trends[0].counts) == 1
    assert found.trends[0].values[1] == 0.0


def test_a_frequency_with_too_few_periods_is_drawn_but_not_forecast(world: World) -> None:
    [trend] = world.trends.trends(world.ask("label:flood", frequency="year")).trends
    assert trend.periods == ("2001", "2002", "2003")
    assert trend.forecast is None
    assert "2 known periods are too few for a forecast, which needs 6" in trend.refusal


def test_what_nobody_wrote_about_is_not_forecast(world: World) -> None:
    [trend] = world.trends.trends(world.ask("zeppelin")).trends
    assert (trend.forecast, trend.refusal) == (None, "no text has this topic")


def test_what_cannot_be_drawn_is_said(world: World) -> None:
    with pytest.raises(BadInput, match="0 topics cannot be drawn"):
        world.trends.trends(world.ask())
    with pytest.raises(BadInput, match="no document has a date"):
        world.trends.trends(TrendRequest("empty", (Topic("term", "rain"),)))
    with pytest.raises(BadInput, match="topic 'label:' names nothing"):
        Topic.parse("label:")
    with pytest.raises(BadInput, match="cell 'x' is no number"):
        world.trends.trends(world.ask("cell:x"))


def test_the_newest_report_serves_with_how_its_forecasts_did(world: World, report: dict[str, object]) -> None:
    assert (report["reference"], report["promoted"]) == ("weather.trends:1", True)
    assert "repeating the last value" in str(report["verdict"])
    [version] = world.registry.versions("weather.trends")
    assert version.parameters["frequency"] == "month"
    assert version.metrics["mase_passages_trivec"] > 0
    assert not world.learner.wants(CORPUS), "nothing is new"


def test_experience_is_believed_only_if_forecasts_were_not_worse_than_the_last_value(
    world: World, report: dict[str, object]
) -> None:
    _, held = world.reports.current(CORPUS)
    believed = "is not worse than" in str(report["verdict"])
    assert bool(held.experience) == believed
    found = world.trends.trends(world.ask("river", "label:flood"))
    assert found.experience == ("weather.trends:1" if believed else "")


def test_terms_that_come_are_found_and_the_others_are_not(world: World, report: dict[str, object]) -> None:
    assert report["promoted"]
    reference, held = world.reports.current(CORPUS)
    found = held.term_trends(recent=7)  # for the report, made today, July 2003 is over
    assert reference == "weather.trends:1"
    [new] = [each for each in found.emerging if each.term == "sandbags"]
    assert (new.before, new.recent > 0.5) == (0.0, True)
    said_of_floods = {"sandbags", *SUBJECTS["flood"]}
    assert all(said_of_floods.issuperset(each.term.split()) for each in found.emerging), "floods grow, too"
    assert not [each.term for each in found.fading if said_of_floods.intersection(each.term.split())]


def test_a_report_is_the_same_after_saving(world: World, report: dict[str, object], tmp_path: Path) -> None:
    assert report["promoted"]
    _, held = world.reports.current(CORPUS)
    held.save(tmp_path)
    loaded = Report.load(tmp_path)
    assert loaded.term_trends() == held.term_trends()
    assert (loaded.experience, loaded.periods, loaded.calendar) == (held.experience, held.periods, held.calendar)


def test_a_report_that_was_made_is_not_made_again_when_its_job_is_taken_up(
    world: World, report: dict[str, object], folder: Path
) -> None:
    assert world.learner.learn(CORPUS, {}, folder, silent) == report
    assert len(world.registry.versions("weather.trends")) == 1


def test_a_report_stops_when_it_is_told_to(world: World, tmp_path: Path) -> None:
    def stop(_doing: str, share: float) -> None:
        if share > 0.05:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        world.learner.learn(CORPUS, {}, tmp_path, stop)


def test_a_corpus_without_a_report_says_how_to_get_one(world: World) -> None:
    with pytest.raises(NotFound, match="trivec train trends --corpus empty"):
        world.reports.current("empty")
    with pytest.raises(BadInput, match="trends has no parameter 'colour'"):
        world.learner.learn(CORPUS, {"colour": "red"}, Path("unused"), silent)
    assert not world.learner.wants("empty")


def test_a_topic_that_stays_is_told_to_stay_and_what_lies_there_is_shown(world: World) -> None:
    movement = world.drift.topic(CORPUS, Topic("label", "flood"), using="bert", near=3)
    assert len(movement.near) == 3
    assert all(
        "rain" in each.passage or "river" in each.passage or "water" in each.passage or each.score > 0.5
        for each in movement.near
    )
    assert max(movement.steps) < 0.1
    assert sum(movement.passages) > 100
    with pytest.raises(BadInput, match="no dense vector 'colour'"):
        world.drift.topic(CORPUS, Topic("label", "flood"), using="colour")


def test_too_little_text_for_slices_of_words_is_said(world: World, report: dict[str, object]) -> None:
    assert report["promoted"]
    with pytest.raises(BadInput, match="too little dated text"):
        world.drift.word(CORPUS, "river")
