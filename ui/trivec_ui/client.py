"""The front end's only way to data: a typed client of Trivec's HTTP API.

Arguments in, the API's own answer models out; every failure is one `ApiError` that says what to do.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from trivec.api.anomaly_schemas import (
    DriftStatusAnswer,
    DuplicatesAnswer,
    ExplainBody,
    ExplainedAnswer,
    MarkBody,
    UnusualAnswer,
    UnusualBody,
)
from trivec.api.ingest_schemas import JobAnswer, JobsAnswer, MappingBody, PreviewAnswer
from trivec.api.learning_schemas import (
    ChampionAnswer,
    ClassifiedAnswer,
    ClassifyBody,
    LearningAnswer,
    LearningBody,
    LearningJobsAnswer,
    ModelAnswer,
    ModelsAnswer,
    ModelSummary,
    PromoteBody,
)
from trivec.api.map_schemas import (
    LocateBody,
    MapAnswer,
    MapDocumentsAnswer,
    MapDocumentsBody,
    PlacesAnswer,
    PointsAnswer,
)
from trivec.api.schemas import (
    CorporaAnswer,
    CorpusAnswer,
    DocumentAnswer,
    FacetAnswer,
    FacetsAnswer,
    SearchAnswer,
    SearchBody,
    SimilarAnswer,
)
from trivec.api.trend_schemas import (
    DriftAnswer,
    DriftBody,
    TermsAnswer,
    TermsBody,
    TrendsAnswer,
    TrendsBody,
    WordDriftAnswer,
    WordMovesAnswer,
)

Answer = TypeVar("Answer", bound=BaseModel)

ANSWERING = httpx.Timeout(30.0, read=120.0, write=600.0)  # seconds; who asks first waits until models are loaded
SWITCHING = httpx.Timeout(30.0, read=3600.0)  # seconds; another version may first have to read the whole corpus


class ApiError(Exception):
    """The API refused or did not answer; the message is meant for the person at the screen."""


@dataclass(frozen=True)
class ApiClient:
    """Calls the API at `url` with `key`; the write key where documents are to be added.

    Raises:
        ApiError: from every method, when the API refuses or does not answer.
    """

    url: str
    key: str = ""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=ANSWERING))

    @classmethod
    def from_environment(cls) -> "ApiClient":
        """A client of TRIVEC_API_URL with TRIVEC_API_KEY."""
        return cls(os.environ.get("TRIVEC_API_URL", "http://127.0.0.1:8000"), os.environ.get("TRIVEC_API_KEY", ""))

    def corpora(self) -> list[CorpusAnswer]:
        """Every corpus, by name."""
        return self._ask(CorporaAnswer, "GET", "/v1/corpora").corpora

    def facets(self, corpus: str, keys: list[str]) -> dict[str, list[FacetAnswer]]:
        """Values and counts over the whole corpus."""
        return self._ask(FacetsAnswer, "GET", f"/v1/corpora/{corpus}/facets", params={"keys": keys}).facets

    def search(self, body: SearchBody) -> SearchAnswer:
        """Hits, best first."""
        return self._ask(SearchAnswer, "POST", "/v1/search", json=body.model_dump(mode="json"))

    def document(self, corpus: str, document_id: str) -> DocumentAnswer:
        """A document in full."""
        return self._ask(DocumentAnswer, "GET", _of_document(document_id), params={"corpus": corpus})

    def similar(self, corpus: str, document_id: str, *, limit: int = 5) -> SimilarAnswer:
        """Documents like a given one."""
        path = f"{_of_document(document_id)}/similar"
        return self._ask(SimilarAnswer, "GET", path, params={"corpus": corpus, "limit": limit})

    def preview(self, name: str, content: BinaryIO) -> PreviewAnswer:
        """The first rows of a file, its columns, and what each column seems to be."""
        return self._ask(PreviewAnswer, "POST", "/v1/ingest/preview", files={"file": (name, content)})

    def ingest(self, upload: str, *, corpus: str, source: str, mapping: MappingBody) -> JobAnswer:
        """Has a previewed upload read and stored; the answer is the job that works on it."""
        fields = {"upload": upload, "corpus": corpus, "source": source, "mapping": mapping.model_dump_json()}
        form = {name: (None, value) for name, value in fields.items()}
        return self._ask(JobAnswer, "POST", "/v1/ingest", files=form)

    def jobs(self) -> list[JobAnswer]:
        """Every job, newest first."""
        return self._ask(JobsAnswer, "GET", "/v1/jobs").jobs

    def job(self, job_id: str) -> JobAnswer:
        """Where a job stands."""
        return self._ask(JobAnswer, "GET", f"/v1/jobs/{job_id}")

    def cancel(self, job_id: str) -> JobAnswer:
        """Stops a job; what is stored stays."""
        return self._ask(JobAnswer, "POST", f"/v1/jobs/{job_id}/cancel")

    def retry(self, job_id: str) -> JobAnswer:
        """Sends a job's set-aside batches again."""
        return self._ask(JobAnswer, "POST", f"/v1/jobs/{job_id}/retry")

    def rejects(self, job_id: str) -> bytes:
        """The job's rejects file: one JSON object a line, with source, line and reason."""
        with self._errors():
            return self._send("GET", f"/v1/jobs/{job_id}/rejects").content

    def classify(self, body: ClassifyBody) -> ClassifiedAnswer:
        """Where a text belongs, and labelled documents like it."""
        return self._ask(ClassifiedAnswer, "POST", "/v1/classify", json=body.model_dump(mode="json"))

    def unusual(self, body: UnusualBody) -> UnusualAnswer:
        """The most unusual documents, oddest first."""
        return self._ask(UnusualAnswer, "POST", "/v1/anomalies", json=body.model_dump(mode="json"))

    def explain_anomaly(self, body: ExplainBody) -> ExplainedAnswer:
        """How unusual a text is, and why."""
        return self._ask(ExplainedAnswer, "POST", "/v1/anomalies/explain", json=body.model_dump(mode="json"))

    def mark_anomaly(self, body: MarkBody) -> None:
        """Says that a passage is fine or odd, or takes that back."""
        with self._errors():
            self._send("PUT", "/v1/anomalies/marks", json=body.model_dump(mode="json"))

    def anomaly_drift(self, corpus: str) -> DriftStatusAnswer:
        """Whether what came in still looks like the corpus."""
        return self._ask(DriftStatusAnswer, "GET", "/v1/anomalies/drift", params={"corpus": corpus})

    def duplicates(self, corpus: str) -> DuplicatesAnswer:
        """Groups of near-duplicates."""
        return self._ask(DuplicatesAnswer, "GET", "/v1/anomalies/duplicates", params={"corpus": corpus})

    def trends(self, body: TrendsBody) -> TrendsAnswer:
        """Topics over time, and where they are going."""
        return self._ask(TrendsAnswer, "POST", "/v1/trends", json=body.model_dump(mode="json"))

    def terms(self, body: TermsBody) -> TermsAnswer:
        """Terms that come and go."""
        return self._ask(TermsAnswer, "POST", "/v1/trends/terms", json=body.model_dump(mode="json"))

    def drift(self, body: DriftBody) -> DriftAnswer:
        """How a topic's meaning moved, and what lies where it would be next."""
        return self._ask(DriftAnswer, "POST", "/v1/trends/drift", json=body.model_dump(mode="json"))

    def moved_words(self, corpus: str, *, limit: int = 20) -> WordMovesAnswer:
        """Words whose company changed most."""
        return self._ask(WordMovesAnswer, "GET", "/v1/trends/words", params={"corpus": corpus, "limit": limit})

    def word_drift(self, corpus: str, word: str) -> WordDriftAnswer:
        """A word's neighbours in each slice of time."""
        path = f"/v1/trends/words/{quote(word, safe='')}"
        return self._ask(WordDriftAnswer, "GET", path, params={"corpus": corpus})

    def map(self, corpus: str) -> MapAnswer:
        """A corpus's map with every cell."""
        return self._ask(MapAnswer, "GET", "/v1/map", params={"corpus": corpus})

    def map_points(self, corpus: str, *, limit: int = 100_000) -> PointsAnswer:
        """Documents on the projection beside the map."""
        return self._ask(PointsAnswer, "GET", "/v1/map/points", params={"corpus": corpus, "limit": limit})

    def map_documents(self, body: MapDocumentsBody) -> MapDocumentsAnswer:
        """Documents of some cells, the nearest to their cell's centre first."""
        return self._ask(MapDocumentsAnswer, "POST", "/v1/map/documents", json=body.model_dump(mode="json"))

    def map_export(self, body: MapDocumentsBody, *, format: str) -> bytes:  # noqa: A002
        """All documents of some cells as a file."""
        with self._errors():
            wanted = body.model_dump(mode="json")
            return self._send("POST", "/v1/map/documents/export", json=wanted, params={"format": format}).content

    def locate(self, body: LocateBody) -> PlacesAnswer:
        """Where texts, or the results of a question, lie on the map."""
        return self._ask(PlacesAnswer, "POST", "/v1/map/locate", json=body.model_dump(mode="json"))

    def models(self) -> list[ModelSummary]:
        """Every model at a glance, by name."""
        return self._ask(ModelsAnswer, "GET", "/v1/models").models

    def model(self, name: str) -> ModelAnswer:
        """A model with its versions, newest first, and the decisions about its champion, oldest first."""
        return self._ask(ModelAnswer, "GET", _of_model(name))

    def promote(self, name: str, body: PromoteBody) -> ChampionAnswer:
        """Lets a version serve; answers when the corpus is served by it."""
        wanted = body.model_dump(mode="json")
        return self._ask(ChampionAnswer, "POST", f"{_of_model(name)}/promote", json=wanted, timeout=SWITCHING)

    def rollback(self, name: str) -> ChampionAnswer:
        """Lets the champion before serve again; answers when the corpus is served by it."""
        return self._ask(ChampionAnswer, "POST", f"{_of_model(name)}/rollback", timeout=SWITCHING)

    def learn(self, body: LearningBody) -> LearningAnswer:
        """Has something trained; the answer is the job that does it, or the unfinished one that does it already."""
        return self._ask(LearningAnswer, "POST", "/v1/learning", json=body.model_dump(mode="json"))

    def learning_jobs(self) -> list[LearningAnswer]:
        """Every learning job, newest first."""
        return self._ask(LearningJobsAnswer, "GET", "/v1/learning").jobs

    def cancel_learning(self, job_id: str) -> LearningAnswer:
        """Stops a learning job at its next step; what serves goes on serving."""
        return self._ask(LearningAnswer, "DELETE", f"/v1/learning/{job_id}")

    def _ask(self, model: type[Answer], method: str, path: str, **options: Any) -> Answer:
        with self._errors():
            return model.model_validate_json(self._send(method, path, **options).content)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        response = self.http.request(method, self.url + path, headers=headers, **options)
        if response.is_error:
            raise ApiError(_message(response))
        return response

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise ApiError(f"The API at {self.url} does not answer ({error}). Is `trivec up` running?") from error


def _of_document(document_id: str) -> str:
    return f"/v1/documents/{quote(document_id, safe='')}"


def _of_model(name: str) -> str:
    return f"/v1/models/{quote(name, safe='')}"


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"The API answered {response.status_code}: {response.text[:200]}"
