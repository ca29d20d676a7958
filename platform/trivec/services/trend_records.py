"""What is asked and said about trends: small frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from trivec.errors import BadInput
from trivec.learning.trends import Frequency, Measure
from trivec.learning.trends.changes import Change

TopicKind = Literal["label", "predicted", "cell", "term", "query"]
KINDS: tuple[TopicKind, ...] = ("label", "predicted", "cell", "term", "query")
Unit = Literal["documents", "passages"]


@dataclass(frozen=True)
class Topic:
    """Something that texts are about.

    Attributes:
        kind: `label` of the documents, `predicted` by the classifier, `cell` of the map, `term` that passages say (its
            words side by side; several ways to say it with | between), or `query`: the passages that are nearest to a
            question in meaning.
        value: which one.
    """

    kind: TopicKind
    value: str

    @property
    def unit(self) -> Unit:
        """What is counted."""
        return "passages" if self.kind in ("term", "query") else "documents"

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> "Topic":
        """From `kind:value`; without a kind it is a term.

        Raises:
            BadInput: nothing behind the kind.

        >>> Topic.parse("label:war"), Topic.parse("slavery")
        (Topic(kind='label', value='war'), Topic(kind='term', value='slavery'))
        """
        head, colon, rest = text.partition(":")
        kind = next((each for each in KINDS if colon and each == head.strip()), None)
        value = (rest if kind else text).strip()
        if not value:
            raise BadInput(f"topic {text!r} names nothing: give {' or '.join(KINDS)}, a colon and a value")
        return cls(kind or "term", value)


@dataclass(frozen=True)
class TrendRequest:
    """Which series of which topics.

    Attributes:
        corpus: where.
        topics: of them.
        frequency: of the periods; None for the finest one that the corpus fills.
        measure: shares of all texts of a period, or counts.
        horizon: periods to forecast; None for as many as suit the frequency.
        first: the first period is the one with texts from this day on; None for where the bulk of the corpus begins.
        last: the last one is that with texts until this day; None for where the bulk of the corpus ends.
    """

    corpus: str
    topics: tuple[Topic, ...]
    frequency: Frequency | None = None
    measure: Measure = "share"
    horizon: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Interval:
    """Lower and upper ends, one for each period."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True)
class TopicForecast:
    """Where a topic is going.

    Attributes:
        periods: to come; the first is the running one where that is known in part only.
        middle: as likely to be too high as too low.
        interval_80: holds what happens in 80 % of cases.
        interval_95: in 95 %.
        methods: that it is made of, with their weights, largest first.
        simple: whether there were too few points to fit models, so that only smoothing was tried.
    """

    periods: tuple[str, ...]
    middle: tuple[float, ...]
    interval_80: Interval
    interval_95: Interval
    methods: Mapping[str, float]
    simple: bool


@dataclass(frozen=True)
class PastForecast:
    """What would have been forecast after some period, knowing nothing of what came."""

    made_after: str
    periods: tuple[str, ...]
    middle: tuple[float, ...]
    interval_80: Interval
    actual: tuple[float | None, ...]


@dataclass(frozen=True)
class Tested:
    """How good forecasts of a topic were at origins of the past, made as the one that is drawn is.

    Attributes:
        origins: how many.
        helped: at how many of them the backtests of other topics helped, as far as they were known then.
        mase: variant (`trivec`; `naive`, the last value; `mean`; `seasonal_naive`, the season before, where two seasons
            lie before every origin) -> mean absolute error in units of the usual change; lower is better, None where
            the topic never changed.
        coverage: share of what happened that lay in the 80 % interval.
        coverage_95: in the 95 % one.
        points: how many forecasts that is of.
        past: the forecasts themselves, in order of time.
    """

    origins: int
    helped: int
    mase: Mapping[str, float | None]
    coverage: float
    coverage_95: float
    points: int
    past: tuple[PastForecast, ...]


@dataclass(frozen=True)
class Trend:
    """One topic's series, and what can be said about it.

    Attributes:
        topic: of it.
        unit: what is counted.
        periods: all of them, none left out.
        counts: texts with the topic.
        totals: all texts.
        values: share or count; None where the period is missing: no or too few texts, or known in part only.
        partial: whether a period is known in part only.
        forecast: None where it is refused.
        tested: None where there is too little to test on.
        refusal: why there is no forecast, or "".
        changes: of level, in order of time.
    """

    topic: Topic
    unit: Unit
    periods: tuple[str, ...]
    counts: tuple[int, ...]
    totals: tuple[int, ...]
    values: tuple[float | None, ...]
    partial: tuple[bool, ...]
    forecast: TopicForecast | None = None
    tested: Tested | None = None
    refusal: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Trends:
    """Series over the same periods.

    Attributes:
        frequency: asked for, or chosen.
        measure: share or count.
        business_days: whether weekends are left out.
        trends: in the order asked for.
        experience: reference of the report whose experience helped, or "".
        left_out: documents that are in no period, since their dates lie far from all others.
        took_ms: for all of it.
    """

    frequency: Frequency
    measure: Measure
    business_days: bool
    trends: tuple[Trend, ...]
    experience: str
    left_out: int
    took_ms: float


@dataclass(frozen=True)
class NearText:
    """A passage near a place; `score` is its cosine, higher is nearer."""

    document_id: str
    title: str
    passage: str
    date: date | None
    score: float


@dataclass(frozen=True)
class TopicMovement:
    """How a topic's meaning moved, and where it would be next.

    Attributes:
        topic: of it.
        using: the vector.
        periods: with the topic, in order.
        passages: of each.
        steps: distance to the period before, beyond what chance makes; 0 where it stayed.
        travelled: cosine distance to the first period.
        moving: share of its usual movement that goes on; 0: that was not better beyond chance than to stay.
        error: mean cosine distance of forecasts that it goes on, on past periods, by the share best before each.
        error_of_staying: of forecasts that it stays, on the same periods.
        left_out: documents of the corpus that are in no period, since their dates lie far from all others.
        near: passages nearest to where it would be next, best first.
        terms: said there more than where the topic began.
        left_terms: said where the topic began more than there.
    """

    topic: Topic
    using: str
    periods: tuple[str, ...]
    passages: tuple[int, ...]
    steps: tuple[float, ...]
    travelled: tuple[float, ...]
    moving: float
    error: float
    error_of_staying: float
    near: tuple[NearText, ...]
    terms: tuple[str, ...]
    left_terms: tuple[str, ...]
    left_out: int
