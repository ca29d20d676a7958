"""The JSON of searching and browsing: what requests may say, what answers look like, with examples for OpenAPI.

Requests are validated here; answers are built by hand in `views` and these models only document them.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat

from trivec.records import Scalar

MAX_LIMIT = 200
MAX_OFFSET = 10_000

Example = dict[str, Any]
VectorName = Annotated[str, Field(min_length=1, max_length=64)]
CorpusName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="Letters, digits, `-` and `_`, beginning with a letter or digit.",
        examples=["sotu"],
    ),
]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]
Interval = Literal["day", "month", "year", "decade"]


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]  # RFC 3339 or YYYY-MM-DD; without a zone it is UTC


def example(value: Example) -> ConfigDict:
    """Model configuration that shows `value` in OpenAPI."""
    return ConfigDict(json_schema_extra={"example": value})


class Request(BaseModel):
    """A misspelt field is an error, not a silently ignored wish."""

    model_config = ConfigDict(extra="forbid")


class FiltersBody(Request):
    """Which documents may answer; every condition given must hold, any of its values will do."""

    date_from: Moment | None = Field(default=None, description="Earliest date, inclusive.", examples=["1861-01-01"])
    date_to: Moment | None = Field(default=None, description="Latest date, exclusive.", examples=["1866-01-01"])
    labels: list[str] = Field(default=[], description="At any level of the label path.")
    sources: list[str] = []
    languages: list[str] = Field(default=[], description="ISO 639-1 codes.", examples=[["en"]])
    metadata: dict[str, list[Scalar]] = Field(default={}, description="Key -> accepted values.")
    document_ids: list[str] = Field(default=[], description="Only these documents.")
    exclude_ids: list[str] = Field(default=[], description="None of these documents.")
    cells: list[int] = Field(default=[], max_length=10_000, description="Any of these cells of the corpus's map.")


class SearchBody(Request):
    """A question. Quoted phrases must occur; words with a leading minus must not."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "the state of the navy", "corpus": "sotu"},
                {
                    "query": '"foreign relations" -spain',
                    "corpus": "sotu",
                    "using": ["bm25", "bert"],
                    "fusion": "hybrid",
                    "limit": 5,
                    "filters": {"date_from": "1861-01-01", "date_to": "1901-01-01"},
                    "facets": ["labels", "source"],
                    "histogram": "year",
                    "explain": True,
                },
            ]
        },
    )

    query: str = Field(description="Words, a question or a whole text.")
    corpus: CorpusName
    using: list[VectorName] | None = Field(
        default=None,
        min_length=1,
        max_length=16,
        description="Named vectors to ask; null means the corpus's best hybrid.",
    )
    fusion: Literal["hybrid", "rrf", "weighted_rrf"] = Field(
        default="hybrid", description="How several vectors become one ranking; without meaning for a single one."
    )
    weights: dict[VectorName, Annotated[FiniteFloat, Field(ge=0)]] = Field(
        default={},
        description="Weight of each vector; empty means the defaults.",
        examples=[{"bm25": 0.4, "bert": 0.6}],
    )
    k: Annotated[int, Field(ge=1, le=1000)] = Field(default=10, description="Of the rank fusions: 1 / (k + rank).")
    limit: Limit = 10
    offset: Offset = 0
    filters: FiltersBody = FiltersBody()
    facets: list[str] = Field(
        default=[], max_length=16, description="`labels`, `source`, `language` or `metadata.KEY`."
    )
    histogram: Interval | None = Field(default=None, description="Count documents over time.")
    diversity: Annotated[FiniteFloat, Field(ge=0, le=1)] = Field(
        default=0.0, description="0 ranks by relevance alone, 1 by being different from the hits above."
    )
    explain: bool = False


class SpanAnswer(BaseModel):
    """A stretch of the passage's characters, end exclusive."""

    start: int
    end: int


class SourceAnswer(BaseModel):
    """How one vector saw the hit: 1-based rank and raw score, higher is better."""

    rank: int
    score: float


class ContributionAnswer(BaseModel):
    """What one vector added to the score."""

    source: str
    contribution: float


class WordAnswer(BaseModel):
    """What one word of the question added to the score; part of its source's contribution."""

    word: str
    source: str
    contribution: float


class ExplanationAnswer(BaseModel):
    """Why the hit is where it is; the contributions add up to its score."""

    sources: list[ContributionAnswer]
    words: list[WordAnswer]


class HitAnswer(BaseModel):
    """A document at its best passage."""

    document_id: str
    score: float
    title: str
    passage: str
    passage_number: int = Field(description="0-based, within the document.")
    start: int = Field(description="Where the passage begins in the document's text, in characters.")
    end: int
    highlights: list[SpanAnswer] = Field(description="Within `passage`.")
    sources: dict[str, SourceAnswer]
    explanation: ExplanationAnswer | None = Field(description="null unless asked for with `explain`.")
    date: datetime | None
    labels: list[str]
    source: str
    language: str
    metadata: dict[str, Any]


class FacetAnswer(BaseModel):
    """How many documents carry a value."""

    value: str
    count: int


class SearchAnswer(BaseModel):
    """Hits, best first."""

    model_config = example(
        {
            "hits": [
                {
                    "document_id": "1862-lincoln-17",
                    "score": 0.93,
                    "title": "Abraham Lincoln, 1862",
                    "passage": "The report of the Secretary of the Navy ...",
                    "passage_number": 0,
                    "start": 0,
                    "end": 43,
                    "highlights": [{"start": 28, "end": 32}],
                    "sources": {"bm25": {"rank": 1, "score": 12.7}, "bert": {"rank": 3, "score": 0.61}},
                    "explanation": {
                        "sources": [
                            {"source": "bm25", "contribution": 0.4},
                            {"source": "bert", "contribution": 0.53},
                        ],
                        "words": [],
                    },
                    "date": "1862-12-01T00:00:00Z",
                    "labels": ["Civil War", "Republican", "Abraham Lincoln"],
                    "source": "sotu",
                    "language": "en",
                    "metadata": {},
                }
            ],
            "facets": {"source": [{"value": "sotu", "count": 128}]},
            "histogram": [{"value": "1862", "count": 7}],
            "total": 128,
            "took_ms": 21.4,
            "degraded": [],
        }
    )

    hits: list[HitAnswer]
    facets: dict[str, list[FacetAnswer]]
    histogram: list[FacetAnswer] | None = Field(description="In order of time; null unless asked for.")
    total: int = Field(description="Documents found: those that can be paged to.")
    took_ms: float
    degraded: list[str] = Field(description="What could not be done as asked, and why; empty when all went well.")


class SimilarAnswer(BaseModel):
    """Documents like a given one, best first."""

    hits: list[HitAnswer]
    total: int
    took_ms: float
    degraded: list[str]


class FacetsAnswer(BaseModel):
    """Values and their counts by key."""

    facets: dict[str, list[FacetAnswer]]


class VectorAnswer(BaseModel):
    """One named vector of a corpus and the encoder that writes it."""

    name: str
    family: str
    kind: Literal["dense", "sparse"]
    dimension: int = Field(description="0 for a sparse vector.")
    model: str
    weights: str
    licence: str


class CorpusAnswer(BaseModel):
    """A corpus and the generation that answers for it."""

    model_config = example(
        {
            "name": "sotu",
            "documents": 19_871,
            "passages": 21_034,
            "generation": 1,
            "state": "active",
            "created_at": "2026-05-01T10:15:00Z",
            "vectors": [
                {
                    "name": "bert",
                    "family": "onnx",
                    "kind": "dense",
                    "dimension": 384,
                    "model": "sentence-transformers/all-MiniLM-L6-v2",
                    "weights": "",
                    "licence": "Apache-2.0",
                }
            ],
        }
    )

    name: str
    documents: int
    passages: int
    generation: int
    state: Literal["filling", "active", "retired"] = Field(description="`filling` until its first generation serves.")
    created_at: datetime = Field(description="When this generation was begun.")
    vectors: list[VectorAnswer]


class CorporaAnswer(BaseModel):
    """Every corpus."""

    corpora: list[CorpusAnswer]


class PassageAnswer(BaseModel):
    """A piece of a document: `text == document.text[start:end]`."""

    number: int
    start: int
    end: int
    text: str


class PredictedAnswer(BaseModel):
    """What a classifier said of a document."""

    labels: list[str] = Field(description="Path, root first; empty for none of these.")
    confidence: float = Field(description="Calibrated probability of the last label.")
    model: str


class DocumentAnswer(BaseModel):
    """A document in full, as stored."""

    document_id: str
    title: str
    text: str
    date: datetime | None
    labels: list[str]
    source: str
    language: str
    metadata: dict[str, Any]
    content_hash: str
    ingested_at: datetime
    predicted: PredictedAnswer | None = Field(description="null until a classifier has looked at it.")
    passages: list[PassageAnswer]


class DeletedAnswer(BaseModel):
    """What was deleted."""

    model_config = example({"deleted": "sotu"})

    deleted: str
    documents: int | None = Field(default=None, description="How many, when a source was deleted.")
