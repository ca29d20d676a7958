"""Drift: a topic that moves is told from one that wobbles; a word in new company, from those that kept theirs."""

from pathlib import Path

import numpy as np
import pytest

from trivec.encoders.word2vec import Training, train
from trivec.errors import BadInput, NotFound
from trivec.learning.trends import word_drift
from trivec.learning.trends.drift import topic_drift
from trivec.learning.trends.word_drift import WordSpace

PERIODS = tuple(str(1990 + number) for number in range(10))


def _sums(path: np.ndarray, *, seed: int, passages: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Sums of noisy unit vectors around each place of a path, shape (periods, dimension)."""
    random = np.random.default_rng(seed)
    drawn = path[:, None, :] + 0.15 * random.standard_normal((len(path), passages, path.shape[1]))
    units = drawn / np.linalg.norm(drawn, axis=2, keepdims=True)
    return units.sum(axis=1), np.full(len(path), passages)


def _arc(total: float, *, dimension: int = 24) -> np.ndarray:
    angles = np.linspace(0, total, len(PERIODS))
    path = np.zeros((len(PERIODS), dimension))
    path[:, 0], path[:, 1] = np.cos(angles), np.sin(angles)
    return path


def test_a_topic_that_moves_steadily_is_forecast_to_go_on() -> None:
    drift = topic_drift(PERIODS, *_sums(_arc(2.0), seed=1))
    assert drift.moving == 1.0
    assert drift.error < 0.7 * drift.error_of_staying
    assert drift.travelled[-1] > 1.0
    found = [topic_drift(PERIODS, *_sums(_arc(2.0), seed=seed)).moving for seed in range(20)]
    assert min(found) > 0


@pytest.mark.parametrize("passages", [5, 30])
def test_a_topic_that_stays_is_rarely_said_to_move(passages: int) -> None:
    found = [topic_drift(PERIODS, *_sums(_arc(0.0), seed=seed, passages=passages)) for seed in range(100)]
    assert sum(each.moving > 0 for each in found) <= 5
    assert np.mean([each.travelled[-1] for each in found]) < 0.2


def test_a_topic_that_wanders_without_direction_is_rarely_said_to_go_on() -> None:
    said = 0
    for seed in range(100):
        path = _arc(0.0)
        path[:, 1:] += 0.05 * np.random.default_rng(seed).standard_normal((len(PERIODS), 23)).cumsum(axis=0)
        said += topic_drift(PERIODS, *_sums(path, seed=seed)).moving > 0
    assert said <= 10


def test_no_period_judges_a_share_that_it_helped_to_choose() -> None:
    there_and_back = np.concatenate([_arc(1.5)[:6], _arc(1.5)[4:0:-1]])
    turned = topic_drift(PERIODS, *_sums(there_and_back, seed=7))
    assert turned.error > turned.error_of_staying, "the best share in hindsight is never worse than to stay"
    assert turned.moving == 0.0


def test_the_forecast_lies_ahead_on_the_way() -> None:
    drift = topic_drift(PERIODS, *_sums(_arc(1.5), seed=3))
    ahead = np.zeros(24)
    ahead[:2] = np.cos(1.5 + 1.5 / 9), np.sin(1.5 + 1.5 / 9)
    assert float(drift.forecast @ ahead) > 0.97
    assert float(drift.forecast @ ahead) > float(drift.present @ ahead)


def test_wobbling_of_few_passages_is_told_as_noise() -> None:
    few = topic_drift(PERIODS, *_sums(_arc(0.0), seed=4, passages=3))
    assert np.mean(few.steps[1:]) == pytest.approx(np.mean(few.noise[1:]), rel=0.4)


def test_periods_without_the_topic_are_left_out_and_too_few_are_refused() -> None:
    sums, passages = _sums(_arc(1.0), seed=5)
    passages[3] = 0
    assert "1993" not in topic_drift(PERIODS, sums, passages).periods
    passages[3:] = 0
    with pytest.raises(BadInput, match="3 periods have this topic: its movement needs 4"):
        topic_drift(PERIODS, sums, passages)


@pytest.fixture(scope="module")
def space() -> WordSpace:
    """Texts on four subjects, in two slices of time; `turncoat` changes its subject."""
    random = np.random.default_rng(6)
    subjects = [[f"{name}{number}" for number in range(25)] for name in ("farm", "court", "ship", "music")]

    def texts(home: int) -> list[tuple[str, ...]]:
        held = []
        for number in range(900):
            subject = number % 4
            words = list(random.choice(subjects[subject], 10))
            if subject == home:
                words[int(random.integers(0, 10))] = "turncoat"
            held.append(tuple(words))
        return held

    tables = [train(texts(home), training=word_drift.TRAINING).table for home in (0, 3)]
    return word_drift.aligned(["before", "after"], tables)


def test_the_word_that_changed_its_company_moved_most(space: WordSpace) -> None:
    moves = space.moves()
    assert moves[0].word == "turncoat"
    assert moves[0].score > 3
    assert moves[0].distance > 2 * moves[1].distance


def test_its_neighbours_say_from_where_to_where(space: WordSpace) -> None:
    before, after = space.neighbours("Turncoat", count=5)
    assert all(each.word.startswith("farm") for each in before)
    assert all(each.word.startswith("music") for each in after)
    assert space.distances("turncoat")[0] == pytest.approx(0.0, abs=1e-6)


def test_a_word_that_is_not_in_every_slice_is_not_found(space: WordSpace) -> None:
    with pytest.raises(NotFound, match="'zeppelin' does not occur 5 times in each of before, after"):
        space.neighbours("zeppelin")


def test_a_space_is_the_same_after_saving_and_with_the_same_seed(space: WordSpace, tmp_path: Path) -> None:
    space.save(tmp_path)
    loaded = WordSpace.load(tmp_path)
    assert (loaded.slices, loaded.words) == (space.slices, space.words)
    np.testing.assert_array_equal(loaded.vectors, space.vectors)
    assert not list(tmp_path.glob("*.pkl"))
    texts = [("a", "b", "c", "d") * 30] * 40
    small = Training(dimension=8, minimum_count=5)
    words = train(texts, training=small).table
    np.testing.assert_array_equal(words.vectors, train(texts, training=small).table.vectors)


def test_slices_hold_about_as_much_text_each_and_need_enough_of_it() -> None:
    assert word_drift.cut([20_000] * 8) == (slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 8))
    assert word_drift.cut([3000] * 4) == (slice(0, 2), slice(2, 4))
    assert word_drift.cut([100] * 4) == (slice(0, 4),)
