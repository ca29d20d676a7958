"""The JSON of learning: models and their versions, who serves and why, jobs that train, and what a classifier says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trivec.api.schemas import CorpusName, Request, example
from trivec.records import LearningKind, LearningState, Scalar

MAX_CHARACTERS = 200_000  # of a text to classify

Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Goes on record.")]


class VersionAnswer(BaseModel):
    """One version of a model: what made it and what it reached."""

    reference: str
    version: int
    created_at: datetime
    champion: bool
    parameters: dict[str, str]
    metrics: dict[str, float | None]
    curves: dict[str, list[float | None]] = Field(description="Figures taken while it was trained, in order.")
    data_hash: str = Field(description="Of what it was trained on.")
    code_version: str
    tags: dict[str, str]


class DecisionAnswer(BaseModel):
    """One decision about who is champion."""

    action: Literal["promote", "rollback", "withdraw", "refuse"] = Field(
        description="`refuse` left the champion where it was, `withdraw` left nobody champion."
    )
    version: int = Field(description="Who became champion; of a refusal, who did not; of a withdrawal, who was.")
    reason: str
    at: datetime


class ModelAnswer(BaseModel):
    """A model with its versions, newest first, and every decision about its champion, oldest first."""

    model_config = example(
        {
            "name": "news.fusion",
            "champion": "news.fusion:1",
            "can_roll_back": True,
            "rollback_to": None,
            "versions": [
                {
                    "reference": "news.fusion:1",
                    "version": 1,
                    "created_at": "2026-05-01T02:10:00Z",
                    "champion": True,
                    "parameters": {"epochs": "8", "seed": "1"},
                    "metrics": {"ndcg@10": 0.71},
                    "curves": {"loss": [2.1, 1.4, 1.2], "held_out": [0.66, 0.7, 0.71]},
                    "data_hash": "5f1c",
                    "code_version": "0.1.0",
                    "tags": {},
                }
            ],
            "decisions": [
                {
                    "action": "promote",
                    "version": 1,
                    "reason": "ndcg@10 0.7100 is better than 0.6800 of the champion (+0.0300, ...)",
                    "at": "2026-05-01T02:11:00Z",
                }
            ],
        }
    )

    name: str
    champion: str | None = Field(description="The version in use, null when there is none yet.")
    can_roll_back: bool
    rollback_to: str | None = Field(description="Who would serve after a roll-back, null when nobody did before.")
    versions: list[VersionAnswer]
    decisions: list[DecisionAnswer]


class ModelSummary(BaseModel):
    """A model at a glance."""

    name: str
    champion: str | None
    versions: int
    latest: datetime = Field(description="When its newest version was made.")
    metrics: dict[str, float | None] = Field(description="Of the champion, else of the newest version.")


class ModelsAnswer(BaseModel):
    """Every model."""

    models: list[ModelSummary]


class PromoteBody(Request):
    """Which version is to serve, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"version": 3, "reason": "better on our own questions"}}
    )

    version: Annotated[int, Field(ge=1)]
    reason: Reason


class ChampionAnswer(BaseModel):
    """Who serves now; null where nobody did before the first."""

    model_config = example({"name": "news.fusion", "champion": "news.fusion:3"})

    name: str
    champion: str | None


class LearningBody(Request):
    """What is to be learned, from which corpus and for it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"kind": "fusion", "corpus": "news"}})

    kind: LearningKind
    corpus: CorpusName
    parameters: dict[str, Scalar] = Field(default={}, description="Of the learner; those left out are its defaults.")


class LearningAnswer(BaseModel):
    """Where a learning job stands."""

    model_config = example(
        {
            "id": "20260501T021000123-1f3a9c",
            "kind": "fusion",
            "corpus": "news",
            "parameters": {},
            "state": "running",
            "step": "epoch 3 of 8",
            "share": 0.4,
            "submitted_at": "2026-05-01T02:10:00Z",
            "started_at": "2026-05-01T02:10:01Z",
            "finished_at": None,
            "result": {},
            "error": "",
        }
    )

    id: str
    kind: LearningKind
    corpus: str
    parameters: dict[str, Scalar]
    state: LearningState = Field(description="`waiting` also while it is broken off and can be taken up again.")
    step: str = Field(description="What is being done, or what it waits for.")
    share: float = Field(description="Of the whole work that is done, 0 to 1; 0 also where nobody can tell.")
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] = Field(description="Of a job that is done: `reference`, `verdict`, `metrics`.")
    error: str


class LearningJobsAnswer(BaseModel):
    """Learning jobs, newest first."""

    jobs: list[LearningAnswer]


class ClassifyBody(Request):
    """A text and the corpus whose taxonomy it is to be placed in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"corpus": "news", "text": "The rivers are rising again after a dry spring."}},
    )

    corpus: CorpusName
    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
    similar: Annotated[int, Field(ge=0, le=50)] = Field(default=5, description="Labelled documents like it to show.")


class ChanceAnswer(BaseModel):
    """One label and how likely it is; a child is never likelier than its parent."""

    label: str
    probability: float
    parent: str = Field(description='Label above it, "" at the first level.')
    path: list[str] = Field(description="Root first, the label last: two labels of one name differ in it.")


class SimilarExampleAnswer(BaseModel):
    """A labelled document that is like the text."""

    document_id: str
    title: str
    passage: str
    labels: list[str]
    score: float = Field(description="Cosine of the sentence vectors, higher is more alike.")


class ClassifiedAnswer(BaseModel):
    """Where a text belongs."""

    model_config = example(
        {
            "model": "news.taxonomy:2",
            "labels": ["weather", "flood"],
            "confidence": 0.91,
            "levels": [
                [{"label": "weather", "probability": 0.97, "parent": "", "path": ["weather"]}],
                [{"label": "flood", "probability": 0.91, "parent": "weather", "path": ["weather", "flood"]}],
            ],
            "similar": [
                {"document_id": "n7", "title": "High water", "passage": "...", "labels": ["weather"], "score": 0.71}
            ],
            "took_ms": 31.2,
        }
    )

    model: str
    labels: list[str] = Field(description="Path, root first; ends where it is no longer sure; empty: none of these.")
    confidence: float = Field(description="Calibrated probability of the last label.")
    levels: list[list[ChanceAnswer]] = Field(description="The likeliest labels of each level, best first.")
    similar: list[SimilarExampleAnswer]
    took_ms: float
