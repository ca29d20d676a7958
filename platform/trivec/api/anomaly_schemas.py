"""The JSON of anomalies: texts to score, odd documents with reasons, marks, drift and near-duplicates."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trivec.api.schemas import CorpusName, FiltersBody, Request
from trivec.records import Verdict

MAX_CHARACTERS = 50_000  # of a text to judge
MAX_TEXTS = 1000
MAX_TITLE = 1000

Chance = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
Title = Annotated[str, Field(max_length=MAX_TITLE)]
DocumentId = Annotated[str, Field(min_length=1, max_length=1000)]
Limit = Annotated[int, Field(ge=1, le=200)]


class ScoreBody(Request):
    """Texts to judge."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"corpus": "sotu", "texts": ["WIN a FREE prize!!! call 0800"]}}
    )

    corpus: CorpusName
    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)]
    titles: list[Title] = Field(
        default=[], description="One for each text, or none. Give them where the corpus's documents have titles."
    )
    rate: Chance = Field(default=0.1, description="Share of false discoveries among what is called an anomaly.")


class ScoredAnswer(BaseModel):
    """How unusual a text is."""

    score: float = Field(description="Higher is more unusual.")
    p_value: float = Field(
        description="Share of usual passages that are at least as unusual; of a text of several passages at most."
    )
    rate: float = Field(description="Lowest false discovery rate at which it would be called an anomaly.")
    anomaly: bool
    views: dict[str, float] = Field(description="p-value of each way of looking at it.")


class ScoresAnswer(BaseModel):
    """The texts in their order."""

    model: str
    texts: list[ScoredAnswer]


class UnusualBody(Request):
    """Which unusual documents to show."""

    corpus: CorpusName
    limit: Limit = 20
    rate: Chance = Field(
        default=1.0,
        description="Only what counts as an anomaly at this false discovery rate, over what `filters` let through.",
    )
    filters: FiltersBody = FiltersBody()


class AnomalyAnswer(BaseModel):
    """How unusual a passage is."""

    score: float
    p_value: float
    views: dict[str, float]
    model: str


class UnusualPassageAnswer(BaseModel):
    """A document at its oddest passage."""

    document_id: str
    passage_number: int
    title: str
    text: str
    date: datetime | None
    labels: list[str]
    source: str
    anomaly: AnomalyAnswer
    rate: float = Field(description="Lowest false discovery rate at which it would be called an anomaly.")
    mark: Verdict | None


class UnusualAnswer(BaseModel):
    """The most unusual documents, oddest first."""

    model: str
    scored: int = Field(description="Passages that the model has looked at.")
    passages: int
    found: list[UnusualPassageAnswer]


class ExplainBody(Request):
    """A text, or a passage of the corpus, to judge with reasons."""

    corpus: CorpusName
    text: Text | None = Field(default=None, description="Of your own; instead of `document_id`.")
    title: Title = Field(default="", description="Of your own text, where the corpus's documents have titles.")
    document_id: DocumentId | None = Field(default=None, description="Of the corpus; instead of `text`.")
    passage_number: Annotated[int, Field(ge=0)] = 0
    similar: Annotated[int, Field(ge=0, le=20)] = 3

    @model_validator(mode="after")
    def _one_of_both(self) -> "ExplainBody":
        if (self.text is None) == (self.document_id is None):
            raise ValueError("give either a text of your own or the document_id of one in the corpus")
        return self


class SpanAnswer(BaseModel):
    """A stretch of characters, end exclusive."""

    start: int
    end: int


class OddWordAnswer(BaseModel):
    """A word and how much less unusual the text is without it."""

    word: str
    spans: list[SpanAnswer]
    weight: float
    unknown: bool = Field(description="Whether no usual passage has it.")


class TraitAnswer(BaseModel):
    """What stands out in how a text is written."""

    name: str
    value: float
    low: float = Field(description="5 % of usual passages have less.")
    high: float = Field(description="5 % of them have more.")
    deviation: float = Field(description="From the mean, in standard deviations.")


class NearTextAnswer(BaseModel):
    """A usual passage near to the text."""

    document_id: str
    title: str
    text: str
    labels: list[str]
    distance: float


class ExplainedAnswer(BaseModel):
    """How unusual a text is, and why."""

    model: str
    text: str
    score: float
    p_value: float
    views: dict[str, float]
    words: list[OddWordAnswer]
    traits: list[TraitAnswer]
    nearest: list[NearTextAnswer]


class MarkBody(Request):
    """What somebody says of a passage."""

    corpus: CorpusName
    document_id: DocumentId
    passage_number: Annotated[int, Field(ge=0)] = 0
    mark: Verdict | None = Field(description="null takes it back.")


class DriftStatusAnswer(BaseModel):
    """Whether what came in since the last learning still looks like the corpus."""

    state: Literal["steady", "drifted", "too few"]
    incoming: int = Field(description="Documents that came since the last learning.")
    p_value: float | None = Field(description="Of the two-sample test; null with too few to tell.")
    since: datetime
    advice: str


class GroupAnswer(BaseModel):
    """Documents that are nearly the same."""

    size: int
    similarity: float = Field(description="Of the least similar one to the first: share of word triples in both.")
    text: str = Field(description="Beginning of the first.")
    document_ids: list[str]


class DuplicatesAnswer(BaseModel):
    """Near-duplicates, largest groups first."""

    model: str
    made_at: datetime
    documents: int = Field(description="Looked at.")
    groups: list[GroupAnswer]
