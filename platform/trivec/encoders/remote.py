"""Remote embeddings: any OpenAI-compatible `/v1/embeddings` endpoint in BERT's place.

Texts in, unit vectors out. Requests are bounded in texts and tokens, tried again when the server is busy, and checked.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from weakref import finalize

import httpx
import numpy as np
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from trivec.encoders.base import EncoderSpec
from trivec.encoders.rows import unit_rows
from trivec.errors import BadInput, Unavailable
from trivec.records import AnalysedText, DenseVectors, Floats2d

KEY_VARIABLES = ("TRIVEC_EMBEDDINGS_KEY", "OPENAI_API_KEY")
DEFAULTS: Mapping[str, str | int | float] = {
    "url": "https://api.openai.com/v1",
    "batch_texts": 128,
    "batch_tokens": 100_000,
    "concurrency": 4,
    "timeout_seconds": 60.0,
    "tries": 6,
    "first_wait_seconds": 0.5,
    "longest_wait_seconds": 30.0,
}
_BUSY = frozenset({408, 409, 425, 429})  # and everything from 500
_CHARACTERS_PER_TOKEN = 3  # English has 4 and more; fewer is the safe side


class _TryAgainError(Exception):
    """The server is busy or gone; `after` is how long it asked us to wait, in seconds."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class Remote:
    """An embeddings endpoint as an encoder.

    Attributes:
        spec: what it is; `model` is the endpoint's model name, the options are those of `DEFAULTS`, and
            `query_prefix` and `document_prefix` for models that want them.
        key: sent as bearer token; "" looks into the environment (`KEY_VARIABLES`). Never part of a spec.
    """

    spec: EncoderSpec
    key: str = field(default="", repr=False)

    def encode_documents(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per document text; an empty text is missing."""
        return self._encode([text.text for text in texts], prefix=str(self.spec.options.get("document_prefix", "")))

    def encode_queries(self, texts: Sequence[AnalysedText]) -> DenseVectors:
        """One vector per question."""
        return self._encode([text.text for text in texts], prefix=str(self.spec.options.get("query_prefix", "")))

    def ask_dimension(self) -> int:
        """How many dimensions the endpoint's vectors have, by a request of one word."""
        return int(self._ask_patiently(["dimension"]).shape[1])

    def _encode(self, texts: Sequence[str], *, prefix: str) -> DenseVectors:
        present = np.fromiter((bool(text.strip()) for text in texts), np.bool_, len(texts))
        values = np.zeros((len(texts), self.spec.dimension), np.float32)
        wanted = [prefix + text for text, known in zip(texts, present, strict=True) if known]
        requests = list(self._requests(wanted))
        if requests:
            with ThreadPoolExecutor(int(self._option("concurrency"))) as pool:
                values[present] = np.concatenate(list(pool.map(self._ask_patiently, requests)))
        return unit_rows(values, present=present)

    def _requests(self, texts: Sequence[str]) -> Iterator[list[str]]:
        request: list[str] = []
        tokens = 0.0
        for text in texts:
            size = len(text) / _CHARACTERS_PER_TOKEN
            full = len(request) >= self._option("batch_texts") or tokens + size > self._option("batch_tokens")
            if request and full:
                yield request
                request, tokens = [], 0.0
            request.append(text)
            tokens += size
        if request:
            yield request

    def _ask_patiently(self, texts: list[str]) -> Floats2d:
        waits = wait_random_exponential(self._option("first_wait_seconds"), self._option("longest_wait_seconds"))

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.after if isinstance(error, _TryAgainError) else 0.0
            return max(waits(state), min(asked, self._option("longest_wait_seconds")))

        tries = int(self._option("tries"))
        attempts = Retrying(
            stop=stop_after_attempt(tries), wait=wait, retry=retry_if_exception_type(_TryAgainError), reraise=True
        )
        try:
            return attempts(self._ask, texts)
        except _TryAgainError as error:
            raise Unavailable(f"embeddings from {self._url} failed {tries} times, at last: {error}") from error

    def _ask(self, texts: list[str]) -> Floats2d:
        body: dict[str, Any] = {"model": self.spec.model, "input": texts, "encoding_format": "float"}
        if self.spec.options.get("send_dimensions"):
            body["dimensions"] = self.spec.dimension
        try:
            answer = self._client.post(self._url, json=body)
        except httpx.TransportError as error:
            raise _TryAgainError(f"{type(error).__name__}: {error}") from error
        if answer.status_code in _BUSY or answer.status_code >= 500:
            raise _TryAgainError(f"status {answer.status_code}", after=_retry_after(answer))
        if answer.status_code in (401, 403):
            raise Unavailable(f"{self._url} refuses our key ({answer.status_code}); set {' or '.join(KEY_VARIABLES)}")
        if answer.is_error:
            raise BadInput(f"{self._url} refuses {len(texts)} texts ({answer.status_code}): {answer.text[:300]}")
        return self._read(answer, texts=len(texts))

    def _read(self, answer: httpx.Response, *, texts: int) -> Floats2d:
        """Vectors in the order of the texts: servers may answer in another, and say so by `index`."""
        try:
            rows = {int(row["index"]): row["embedding"] for row in answer.json()["data"]}
            values = np.array([rows[index] for index in range(texts)], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise _TryAgainError(f"an answer that is not one vector for each of {texts} texts ({error!r})") from error
        if values.ndim != 2 or values.shape[1] != (self.spec.dimension or values.shape[1]):
            raise BadInput(
                f"model {self.spec.model!r} at {self._url} gave vectors of shape {values.shape[1:]}, "
                f"this generation stores {self.spec.dimension}; set the dimension or start a new generation"
            )
        if not np.isfinite(values).all():
            raise _TryAgainError("an answer with numbers that are not finite")
        return values

    @property
    def _url(self) -> str:
        return f"{str(self.spec.options.get('url') or DEFAULTS['url']).rstrip('/')}/embeddings"

    def _option(self, name: str) -> float:
        return float(self.spec.options.get(name, DEFAULTS[name]))

    @cached_property
    def _client(self) -> httpx.Client:
        key = self.key or next((os.environ[name] for name in KEY_VARIABLES if os.environ.get(name)), "")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = httpx.Client(headers=headers, timeout=self._option("timeout_seconds"))
        finalize(self, client.close)
        return client


def _retry_after(answer: httpx.Response) -> float:
    """Seconds to wait, from a Retry-After header in either of its forms; 0 if there is none."""
    header = answer.headers.get("retry-after", "")
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
