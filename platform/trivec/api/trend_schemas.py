"""The JSON of trends: which topics are asked about, and series, forecasts, terms and movements as answers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trivec.api.schemas import CorpusName, Request, example

MAX_TOPICS = 20

Kind = Literal["label", "predicted", "cell", "term", "query"]
Frequency = Literal["day", "week", "month", "year"]
Measure = Literal["share", "count"]
Maybe = Annotated[
    Frequency | None, Field(description="Length of a period; null for the finest one that the corpus fills.")
]


class TopicBody(Request):
    """Something that texts are about."""

    kind: Kind = Field(
        default="term",
        description="`label` of documents, `predicted` by the classifier, `cell` of the map: counts documents. "
        "`term`: passages that say it (`railroad|railroads` for either); `query`: those nearest to it in meaning.",
    )
    value: Annotated[str, Field(min_length=1, max_length=500)]


class TrendsBody(Request):
    """Topics to draw."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"corpus": "sotu", "topics": [{"kind": "term", "value": "railroad"}], "frequency": "year"}
        },
    )

    corpus: CorpusName
    topics: Annotated[list[TopicBody], Field(min_length=1, max_length=MAX_TOPICS)]
    frequency: Maybe = None
    measure: Measure = "share"
    horizon: Annotated[int, Field(ge=1, le=366)] | None = Field(default=None, description="Periods to forecast.")
    date_from: date | None = Field(
        default=None, description="Begin with the period of this day; null where the bulk of the documents begins."
    )
    date_to: date | None = Field(
        default=None, description="End with the period of this day; null where the bulk of the documents ends."
    )


class IntervalAnswer(BaseModel):
    """Lower and upper ends, one for each period."""

    lower: list[float]
    upper: list[float]


class ForecastAnswer(BaseModel):
    """Where a topic is going."""

    periods: list[str] = Field(description="To come; the running one first where it is known in part only.")
    middle: list[float] = Field(description="As likely to be too high as too low.")
    interval_80: IntervalAnswer
    interval_95: IntervalAnswer
    methods: dict[str, float] = Field(description="It is made of these, by weight.")
    simple: bool = Field(description="Too few points to fit models; only smoothing was tried.")


class PastForecastAnswer(BaseModel):
    """What would have been forecast, knowing nothing of what came."""

    made_after: str
    periods: list[str]
    middle: list[float]
    interval_80: IntervalAnswer
    actual: list[float | None]


class TestedAnswer(BaseModel):
    """How good forecasts were at origins of the past, made as the one that is drawn is."""

    origins: int
    helped: int = Field(description="Origins at which other topics' backtests helped, as far as they were known then.")
    mase: dict[str, float | None] = Field(
        description="Of `trivec`, the last value (`naive`), the `mean` and, with two seasons before every origin, the "
        "season before (`seasonal_naive`); lower is better."
    )
    coverage: float = Field(description="Share of what happened that lay in the 80 % interval.")
    coverage_95: float
    points: int
    past: list[PastForecastAnswer]


class ChangeAnswer(BaseModel):
    """A new level."""

    period: str
    before: float
    after: float


class TrendAnswer(BaseModel):
    """One topic's series."""

    topic: TopicBody
    unit: Literal["documents", "passages"]
    periods: list[str]
    counts: list[int]
    totals: list[int]
    values: list[float | None] = Field(description="Null where a period is missing, which is not zero.")
    partial: list[bool] = Field(description="Whether a period is known in part only.")
    forecast: ForecastAnswer | None
    tested: TestedAnswer | None
    refusal: str = Field(description='Why there is no forecast, or "".')
    changes: list[ChangeAnswer]


class TrendsAnswer(BaseModel):
    """Series over the same periods, in the order asked for."""

    frequency: Frequency
    measure: Measure
    business_days: bool
    trends: list[TrendAnswer]
    experience: str = Field(description='Report whose backtests of other topics helped, or "".')
    left_out: int = Field(description="Documents in no period, since their dates lie far from all others.")
    took_ms: float


class TermsBody(Request):
    """Which periods count as recent, and how much chance is accepted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"corpus": "sotu", "recent": 8}})

    corpus: CorpusName
    recent: Annotated[int, Field(ge=1)] | None = Field(default=None, description="Periods; null for an eighth of all.")
    rate: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.05, description="Accepted false discovery rate.")
    limit: Annotated[int, Field(ge=1, le=500)] = 30


class TermTrendAnswer(BaseModel):
    """A term that is said more, or less, than before."""

    term: str
    recent: float = Field(description="Share of recent passages that say it.")
    before: float
    times: float = Field(description="How many times as often now.")
    q: float = Field(description="False discovery rate at which it would still be in the list.")


class TermsAnswer(BaseModel):
    """Terms that come and go, surest first."""

    model_config = example(
        {
            "report": "sotu.trends:1",
            "frequency": "year",
            "left_out": 0,
            "recent": ["2019", "2020"],
            "tested": 21000,
            "emerging": [{"term": "ai", "recent": 0.02, "before": 0.0, "times": 90.0, "q": 0.001}],
            "fading": [],
        }
    )

    report: str
    frequency: Frequency
    left_out: int = Field(description="Documents not in it, since their dates lie far from all others.")
    recent: list[str]
    tested: int = Field(description="How many terms.")
    emerging: list[TermTrendAnswer]
    fading: list[TermTrendAnswer]


class DriftBody(Request):
    """A topic whose movement is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"corpus": "sotu", "topic": {"kind": "term", "value": "energy"}}},
    )

    corpus: CorpusName
    topic: TopicBody
    using: str = Field(default="", max_length=64, description='Dense vector; "" for the best there is.')
    frequency: Maybe = None
    near: Annotated[int, Field(ge=0, le=50)] = Field(default=5, description="Passages to show.")


class NearAnswer(BaseModel):
    """A passage near a place."""

    document_id: str
    title: str
    passage: str
    date: date | None
    score: float = Field(description="Cosine, higher is nearer.")


class DriftAnswer(BaseModel):
    """How a topic's meaning moved, and what lies where it would be next."""

    topic: TopicBody
    using: str
    periods: list[str]
    passages: list[int]
    steps: list[float] = Field(description="Cosine distance to the period before, beyond what chance makes.")
    travelled: list[float] = Field(description="Cosine distance to the first period.")
    moving: float = Field(
        description="Share of its usual movement that goes on; 0: that was not better beyond chance than to stay."
    )
    error: float = Field(description="Of forecasts that it goes on, by the share that was best before each.")
    error_of_staying: float
    near: list[NearAnswer]
    terms: list[str] = Field(description="Said there more than where the topic began.")
    left_terms: list[str]
    left_out: int = Field(description="Documents in no period, since their dates lie far from all others.")


class NeighbourAnswer(BaseModel):
    """A word near another one."""

    word: str
    cosine: float


class WordDriftAnswer(BaseModel):
    """How a word's company changed from slice to slice of time."""

    word: str
    slices: list[str]
    distances: list[float] = Field(description="Cosine distance to its place in the first slice.")
    neighbours: list[list[NeighbourAnswer]]
    score: float = Field(description="Movement in standard deviations above words as frequent.")
    reference: str


class WordMoveAnswer(BaseModel):
    """How far a word moved."""

    word: str
    distance: float
    score: float


class WordMovesAnswer(BaseModel):
    """Words that moved furthest for their frequency."""

    words: list[WordMoveAnswer]
