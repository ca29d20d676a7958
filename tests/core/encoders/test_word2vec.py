"""Word2Vec: it learns from little, the same from the same, and says so when there is nothing to learn from."""

import random
from pathlib import Path

import numpy as np
import pytest

from trivec.encoders.tables import WordTable
from trivec.encoders.word2vec import Training, choose, train
from trivec.errors import BadInput

FLIGHT = ["wing", "lift", "drag", "flow", "nozzle", "supersonic", "boundary", "layer"]
MONEY = ["bank", "rate", "share", "stock", "market", "price", "investor", "loan"]
SMALL = Training(dimension=16, epochs=20)


@pytest.fixture(scope="module")
def corpus() -> list[list[str]]:
    chance = random.Random(7)
    return [chance.choices(chance.choice((FLIGHT, MONEY)), k=12) for _ in range(400)]


def test_words_that_keep_the_same_company_end_near_each_other(corpus: list[list[str]]) -> None:
    table = train(corpus, training=SMALL).table
    unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    flight, money = [table.index[word] for word in FLIGHT], [table.index[word] for word in MONEY]
    likeness = unit @ unit.T
    assert likeness[np.ix_(flight, flight)].mean() > likeness[np.ix_(flight, money)].mean() + 0.3


@pytest.mark.parametrize("algorithm", ["cbow", "skip_gram"])
@pytest.mark.parametrize("loss", ["negative", "hierarchical"])
def test_one_worker_and_one_seed_give_the_same_vectors(corpus: list[list[str]], algorithm: str, loss: str) -> None:
    training = Training(
        algorithm="cbow" if algorithm == "cbow" else "skip_gram",
        loss="negative" if loss == "negative" else "hierarchical",
        dimension=8,
        epochs=2,
    )
    one, two = train(corpus, training=training).table, train(iter(corpus), training=training).table
    assert one.words == two.words
    assert np.array_equal(one.vectors, two.vectors)


def test_another_seed_gives_other_vectors(corpus: list[list[str]]) -> None:
    one, two = (train(corpus, training=Training(dimension=8, epochs=1, seed=seed)).table for seed in (1, 2))
    assert not np.array_equal(one.vectors, two.vectors)


def test_progress_is_told_after_each_epoch(corpus: list[list[str]]) -> None:
    told: list[tuple[int, int]] = []
    train(corpus, training=Training(dimension=4, epochs=3), progress=lambda done, epochs: told.append((done, epochs)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_small_corpus_is_read_more_often_than_a_large_one() -> None:
    few, many = choose(Training(), tokens=50_000), choose(Training(), tokens=50_000_000)
    assert few.epochs > many.epochs
    assert few.minimum_count < many.minimum_count


def test_what_is_asked_for_is_not_overruled() -> None:
    asked = Training(algorithm="cbow", epochs=3, minimum_count=7)
    assert choose(asked, tokens=100) == asked


def test_a_text_longer_than_gensim_reads_is_not_cut(corpus: list[list[str]]) -> None:
    trained = train([["start"] * 3 + ["filler"] * 30_000 + ["end"] * 3], training=Training(dimension=4, epochs=1))
    assert trained.tokens == 30_006
    assert {"start", "end"} <= set(trained.table.words)


def test_a_corpus_without_a_repeated_word_is_refused() -> None:
    with pytest.raises(BadInput, match="no word of 3 occurs 2 times; add documents"):
        train([["one", "two", "three"]])


def test_an_empty_corpus_is_refused() -> None:
    with pytest.raises(BadInput, match="add documents"):
        train([])


def test_a_trained_table_survives_saving(corpus: list[list[str]], tmp_path: Path) -> None:
    trained = train(corpus, training=Training(dimension=4, epochs=1))
    trained.save(tmp_path)
    loaded = WordTable.load(tmp_path)
    assert loaded.words == trained.table.words
    assert np.array_equal(loaded.vectors, trained.table.vectors)
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".npy"}
