"""Data sets are read as published, and what cannot be read is named by file and line."""

import gzip
import json
from pathlib import Path

import pytest

from trivec.errors import BadInput
from trivec.evaluation.datasets import read_retrieval, read_words


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tiny"
    (made / "qrels").mkdir(parents=True)
    corpus = lines(
        {"_id": "d1", "title": "Wings", "text": "Lift of a wing."},
        {"_id": "d2", "title": "Only a title", "text": ""},
        {"_id": "d3", "title": "", "text": ""},
        {"_id": 4, "text": "No title at all."},
    )
    (made / "corpus.jsonl.gz").write_bytes(gzip.compress(corpus.encode()))
    queries = lines({"_id": "q1", "text": "lift"}, {"_id": "q2", "text": "unjudged"}, {"_id": "q3", "text": "zero"})
    (made / "queries.jsonl").write_text(queries)
    (made / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t4\t0\nq3\td1\t0\n")
    return made


def test_documents_without_any_text_are_left_out_and_a_lone_title_is_the_text(folder: Path) -> None:
    data = read_retrieval(folder)
    assert [(d.id, d.title, d.text) for d in data.documents] == [
        ("d1", "Wings", "Lift of a wing."),
        ("d2", "", "Only a title"),
        ("4", "", "No title at all."),
    ]
    assert data.empty == 1


def test_only_queries_with_a_relevant_document_are_asked(folder: Path) -> None:
    data = read_retrieval(folder)
    assert data.queries == {"q1": "lift"}
    assert data.judgements == {"q1": {"d1": 2, "4": 0}}


def test_test_judgements_win_over_training_ones(folder: Path) -> None:
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq2\td1\t1\n")
    assert list(read_retrieval(folder).queries) == ["q1"]
    (folder / "qrels" / "test.tsv").unlink()
    assert list(read_retrieval(folder).queries) == ["q2"]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("queries.jsonl", '{"_id": "q1", "text": "a"}\nnonsense\n', "line 2 is not JSON"),
        ("queries.jsonl", '{"_id": "q1"}\n', "line 1 has no text in 'text'"),
        ("queries.jsonl", "[1]\n", "not a JSON object"),
        ("queries.jsonl", "", "does not hold"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", "line 2"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tmany\n", "line 2"),
        ("qrels/test.tsv", "", "judges nothing"),
        ("corpus.jsonl.gz", gzip.compress(b'{"_id": "d1", "text": ""}\n', mtime=0), "no document with any text"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, file: str, content: str | bytes, said: str) -> None:
    (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadInput, match=said):
        read_retrieval(folder)


def test_missing_files_and_folders_are_named(folder: Path) -> None:
    with pytest.raises(BadInput, match="not a folder"):
        read_retrieval(folder / "corpus.jsonl.gz")
    (folder / "qrels" / "test.tsv").unlink()
    with pytest.raises(BadInput, match=r"neither test\.tsv nor train\.tsv"):
        read_retrieval(folder)
    (folder / "corpus.jsonl.gz").rename(folder / "other.jsonl.gz")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    with pytest.raises(BadInput, match=r"no corpus\.jsonl"):
        read_retrieval(folder)


def test_word_lists_are_read_lower_case_with_the_corpora_beside_them(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.mkdir()
    with pytest.raises(BadInput, match="neither"):
        read_words(words)
    (words / "wordsim353.csv").write_text("word1,word2,score\nJerusalem,Israel,8.46\n")
    (words / "questions-words.txt").write_text(": capitals\nAthens Greece Oslo Norway\n")
    (tmp_path / "corpora" / "news").mkdir(parents=True)
    (tmp_path / "corpora" / "news" / "documents.jsonl.gz").touch()
    tests = read_words(words)
    assert [(p.first, p.second, p.score) for p in tests.pairs] == [("jerusalem", "israel", 8.46)]
    assert tests.analogies == (("athens", "greece", "oslo", "norway"),)
    assert [path.parent.name for path in tests.corpora] == ["news"]
    (words / "questions-words.txt").write_text("three words only\n")
    with pytest.raises(BadInput, match="line 1"):
        read_words(words)
