"""A judged collection is measured with nothing running, by every way of asking, with the services of production."""

import json
from pathlib import Path

import numpy as np
import pytest

from trivec.evaluation import retrieval
from trivec.evaluation.questions import EncodedQuestions
from trivec.evaluation.result import Result
from trivec.records import AnalysedText, DenseVectors, SparseVectors
from trivec.services.container import Container
from trivec.settings import Settings

TOPICS = {
    "wing": "the lift of a swept wing at high speed",
    "blood": "the pressure of blood in the arteries of the heart",
    "bread": "how long the dough of bread has to rise in the oven",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four documents on each of three topics, and a question for each topic."""
    made = tmp_path_factory.mktemp("data") / "tiny"
    (made / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": f"{topic}{n}", "title": topic, "text": f"This is number {n}: {text}, measured and told {n} times."}
        for topic, text in TOPICS.items()
        for n in range(4)
    ]
    queries = [
        {"_id": "q1", "text": 'what is the "lift of a wing"'},
        {"_id": "q2", "text": "blood pressure -lowering"},
        {"_id": "q3", "text": "?!"},
    ]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (made / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    judged = [("q1", "wing"), ("q2", "blood"), ("q3", "bread")]
    lines = [f"{query}\t{topic}{n}\t1" for query, topic in judged for n in range(4)]
    (made / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]) + "\n")
    return made


@pytest.fixture(scope="module")
def result(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    container = Container(Settings(home=tmp_path_factory.mktemp("home"), qdrant_url="http://127.0.0.1:9"))
    return retrieval.evaluate(folder, container=container)


def test_every_variant_of_the_design_is_measured(result: Result) -> None:
    pairs = {"bm25+bert", "bm25+glove", "bm25+word2vec", "glove+bert", "word2vec+bert", "word2vec+glove"}
    combined = {"concat", "fused", "rrf_60", "rrf_10", "hybrid"}
    assert set(result.results) == {"bm25", "word2vec", "glove", "bert"} | pairs | combined
    assert (result.dataset, result.capability) == ("tiny", "retrieval")
    assert result.details["documents"] == 12


def test_a_question_without_any_word_finds_nothing_by_words_and_counts(result: Result) -> None:
    assert result.results["bm25"]["recall@100"] == pytest.approx(2 / 3)
    assert result.results["bert"]["recall@100"] == 1.0


def test_quotes_and_hyphens_of_a_judged_question_are_not_taken_for_operators(result: Result) -> None:
    assert result.results["bm25"]["ndcg@10"] == pytest.approx(2 / 3)
    assert retrieval.plain("“the lift” of -wings, il-2") == "the lift of wings, il-2"


def test_every_variant_but_bert_is_compared_with_bert(result: Result) -> None:
    assert set(result.comparisons) == set(result.results) - {"bert"}
    assert all(0 < one.p <= 1 and one.low <= one.difference <= one.high for one in result.comparisons.values())


class Counting:
    """Encoders that count how often they are asked."""

    def __init__(self) -> None:
        self.asked = 0

    def encode_queries(
        self, texts: list[AnalysedText], names: object = None
    ) -> dict[str, DenseVectors | SparseVectors]:
        self.asked += 1
        rows = np.arange(len(texts) * 2, dtype=np.float32).reshape(len(texts), 2)
        starts = np.arange(len(texts) + 1)
        return {
            "bert": DenseVectors(rows, np.ones(len(texts), np.bool_)),
            "bm25": SparseVectors(starts, np.arange(len(texts)), np.arange(len(texts), dtype=np.float32)),
        }


def test_questions_known_beforehand_are_encoded_once_and_each_gets_its_own_row() -> None:
    texts = [AnalysedText(str(n), (str(n),), (str(n),)) for n in range(3)]
    encoders = Counting()
    questions = EncodedQuestions.of(texts, encoders)
    found = questions.encode_queries([texts[2]], ["bert", "bm25"])
    assert encoders.asked == 1
    assert isinstance(found["bert"], DenseVectors)
    assert isinstance(found["bm25"], SparseVectors)
    assert found["bert"].values.tolist() == [[4.0, 5.0]]
    assert (found["bm25"].starts.tolist(), found["bm25"].indices.tolist()) == ([0, 1], [2])
    questions.encode_queries([AnalysedText("new", (), ())], ["bert"])
    assert encoders.asked == 2
