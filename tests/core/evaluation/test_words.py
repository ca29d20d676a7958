"""Word vectors are judged on what their vocabulary knows, and the share of that is told."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from trivec.encoders.tables import WordTable
from trivec.encoders.word2vec import Training
from trivec.evaluation import words
from trivec.evaluation.datasets import WordPair

TABLE = WordTable(
    ("king", "queen", "man", "woman", "Apple", "apple"),
    np.array([[1, 1, 0], [1, -1, 0], [0, 1, 0.1], [0, -1, 0.1], [0, 0, 1], [1, 0, 0]], np.float32),
)


def test_pairs_of_unknown_words_are_left_out_and_lower_the_coverage() -> None:
    pairs = [WordPair("king", "man", 9), WordPair("king", "woman", 2), WordPair("king", "unknown", 5)]
    figures = words.correlation(TABLE, [*pairs, WordPair("king", "queen", 4)])
    assert figures["coverage"] == 0.75
    assert figures["spearman"] == pytest.approx(1.0)


def test_an_analogy_is_right_when_its_last_word_is_nearest_to_the_sum() -> None:
    figures = words.analogies(TABLE, [("man", "woman", "king", "queen"), ("man", "woman", "king", "unknown")])
    assert figures == {"accuracy": 1.0, "coverage": 0.5}
    assert words.analogies(TABLE, [("man", "woman", "king", "apple")])["accuracy"] == 0.0


def test_a_word_in_two_cases_means_the_more_frequent_one() -> None:
    assert words.Vocabulary.of(TABLE).rows["apple"] == 4


def test_both_tables_are_measured_on_real_files(tmp_path: Path) -> None:
    lists, corpus = tmp_path / "lists", tmp_path / "corpora" / "tiny"
    lists.mkdir()
    corpus.mkdir(parents=True)
    (lists / "wordsim353.csv").write_text("word1,word2,score\nred,green,9\nred,house,1\nblue,green,8\n")
    (tmp_path / "glove.txt").write_text("red 1 0\ngreen 0.9 0.1\nblue 0.8 0.4\nhouse 0 1\n")
    texts = ["The red car met a green car near the blue house.", "A red house stands by a green and blue house."] * 40
    rows = "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts))
    (corpus / "documents.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    said: list[str] = []
    result = words.evaluate(
        lists,
        cache=tmp_path / "cache",
        glove_path=str(tmp_path / "glove.txt"),
        training=Training(dimension=8, epochs=2),
        say=said.append,
    )
    assert list(result.results) == ["glove/wordsim353", "word2vec/wordsim353"]
    assert result.results["glove/wordsim353"] == {"spearman": 1.0, "coverage": 1.0}
    assert result.results["word2vec/wordsim353"]["coverage"] == 1.0
    assert "trained 2 of 2 epochs" in said
