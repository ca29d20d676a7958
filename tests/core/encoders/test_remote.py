"""Remote embeddings against a real server: busy, broken, slow and disorderly ones are endured, wrong ones named."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import numpy as np
import pytest

from tests.core.encoders.embeddings_server import DIMENSION, EmbeddingsServer, Fault, embedding, run_embeddings_server
from trivec.encoders.base import EncoderSpec
from trivec.encoders.defaults import default_specs
from trivec.encoders.remote import KEY_VARIABLES, Remote
from trivec.errors import BadInput, Unavailable
from trivec.records import AnalysedText, Scalar


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddingsServer]:
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with run_embeddings_server() as state:
        yield state


def _remote(server: EmbeddingsServer, *, dimension: int = DIMENSION, key: str = "", **options: Scalar) -> Remote:
    quick: dict[str, Scalar] = {"url": server.url, "first_wait_seconds": 0.01, "longest_wait_seconds": 2.0}
    return Remote(EncoderSpec("bert", "remote", "dense", dimension, "gpt-ish", options=quick | options), key)


def _texts(*texts: str) -> list[AnalysedText]:
    return [AnalysedText(text, (), ()) for text in texts]


def _unit(text: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    vector = np.array(embedding(text))
    return vector / np.linalg.norm(vector)


def test_vectors_are_those_of_the_server_at_unit_length(server: EmbeddingsServer) -> None:
    vectors = _remote(server).encode_documents(_texts("one", "", "two"))
    assert vectors.present.tolist() == [True, False, True]
    assert np.allclose(vectors.values[[0, 2]], [_unit("one"), _unit("two")], atol=1e-6)
    assert server.requests[0]["model"] == "gpt-ish"


def test_an_answer_in_another_order_is_put_in_order(server: EmbeddingsServer) -> None:
    server.reverse = True
    vectors = _remote(server).encode_documents(_texts("one", "two", "three"))
    assert np.allclose(vectors.values, [_unit(text) for text in ("one", "two", "three")], atol=1e-6)


def test_requests_are_bounded_in_texts(server: EmbeddingsServer) -> None:
    names = [f"text {number}" for number in range(10)]
    vectors = _remote(server, batch_texts=4).encode_documents(_texts(*names))
    assert sorted(len(request["input"]) for request in server.requests) == [2, 4, 4]
    assert np.allclose(vectors.values, [_unit(name) for name in names], atol=1e-6)


def test_requests_are_bounded_in_tokens_but_a_long_text_is_sent(server: EmbeddingsServer) -> None:
    _remote(server, batch_tokens=100).encode_documents(_texts("a" * 200, "b" * 200, "c" * 900, "d" * 30))
    assert sorted(len(request["input"]) for request in server.requests) == [1, 1, 1, 1]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: EmbeddingsServer, status: int) -> None:
    server.faults.extend([Fault(status)] * 3)
    vectors = _remote(server).encode_documents(_texts("one"))
    assert np.allclose(vectors.values[0], _unit("one"), atol=1e-6)
    assert len(server.requests) == 4


def test_the_wait_that_the_server_asks_for_is_kept(server: EmbeddingsServer) -> None:
    server.faults.append(Fault(429, {"retry-after": "0.4"}))
    _remote(server).encode_documents(_texts("one"))
    assert server.times[1] - server.times[0] >= 0.4


def test_the_wait_may_be_given_as_a_date(server: EmbeddingsServer) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2)
    server.faults.append(Fault(503, {"retry-after": format_datetime(until, usegmt=True)}))
    _remote(server, longest_wait_seconds=3.0).encode_documents(_texts("one"))
    assert time.time() >= until.replace(microsecond=0).timestamp() - 0.01


def test_a_server_that_hangs_is_asked_again(server: EmbeddingsServer) -> None:
    server.faults.append(Fault(delay=1.0))
    vectors = _remote(server, timeout_seconds=0.2).encode_documents(_texts("one"))
    assert np.allclose(vectors.values[0], _unit("one"), atol=1e-6)


@pytest.mark.parametrize("body", ['{"data": []}', "not json", '{"data": [{"index": 0, "embedding": ["x"]}]}'])
def test_an_answer_that_makes_no_sense_is_asked_for_again(server: EmbeddingsServer, body: str) -> None:
    server.faults.append(Fault(body=body))
    assert _remote(server).encode_documents(_texts("one")).present.all()


def test_a_server_that_stays_busy_is_unavailable(server: EmbeddingsServer) -> None:
    server.faults.extend([Fault(429)] * 9)
    with pytest.raises(Unavailable, match="failed 3 times, at last: status 429"):
        _remote(server, tries=3).encode_documents(_texts("one"))
    assert len(server.requests) == 3


def test_a_server_that_is_gone_is_unavailable(server: EmbeddingsServer) -> None:
    with pytest.raises(Unavailable, match="failed 2 times"):
        _remote(server, url="http://127.0.0.1:9/v1", tries=2).encode_documents(_texts("one"))


def test_a_refused_text_is_not_sent_again(server: EmbeddingsServer) -> None:
    server.faults.append(Fault(400, body='{"error": {"message": "maximum context length"}}'))
    with pytest.raises(BadInput, match="maximum context length"):
        _remote(server).encode_documents(_texts("one"))
    assert len(server.requests) == 1


def test_a_refused_key_says_where_to_put_the_right_one(server: EmbeddingsServer) -> None:
    server.faults.append(Fault(401))
    with pytest.raises(Unavailable, match="TRIVEC_EMBEDDINGS_KEY"):
        _remote(server).encode_documents(_texts("one"))


def test_vectors_of_another_dimension_are_refused(server: EmbeddingsServer) -> None:
    with pytest.raises(BadInput, match=rf"\({DIMENSION},\), this generation stores 9"):
        _remote(server, dimension=9).encode_documents(_texts("one"))


def test_the_key_is_given_or_found_in_the_environment_and_never_shown(
    server: EmbeddingsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = _remote(server, key="given")
    given.encode_queries(_texts("one"))
    monkeypatch.setenv("OPENAI_API_KEY", "found")
    _remote(server).encode_queries(_texts("one"))
    assert server.keys == ["Bearer given", "Bearer found"]
    assert "given" not in repr(given)


def test_questions_and_documents_get_their_prefixes(server: EmbeddingsServer) -> None:
    encoder = _remote(server, query_prefix="query: ", document_prefix="passage: ")
    encoder.encode_queries(_texts("one"))
    encoder.encode_documents(_texts("one"))
    assert [request["input"] for request in server.requests] == [["query: one"], ["passage: one"]]


def test_the_dimension_of_a_new_generation_is_asked_for(server: EmbeddingsServer, tmp_path: Path) -> None:
    specs = default_specs(cache=tmp_path, bert_backend="remote", bert_model="gpt-ish", embeddings_url=server.url)
    bert = next(spec for spec in specs if spec.name == "bert")
    assert (bert.family, bert.dimension, bert.model) == ("remote", DIMENSION, "gpt-ish")
