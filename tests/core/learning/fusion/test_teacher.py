"""The teacher's opinions, and how agreement with them is measured."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from trivec.encoders.rows import unit_rows
from trivec.learning.fusion.pseudo_questions import draw
from trivec.learning.fusion.teacher import FORBIDDEN, Teacher, agreement, standardised


def random_scores(shape: tuple[int, int], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_neighbours_come_from_other_documents_and_weigh_one_together() -> None:
    vectors = unit_rows(random_scores((30, 8), 1)).values
    documents = np.arange(30) // 3
    graph = Teacher(neighbours=4).neighbour_graph(vectors, documents).toarray()
    assert_allclose(graph.sum(axis=1), 1, atol=1e-5)
    assert (graph > 0).sum(axis=1).max() <= 4
    assert not graph[documents[:, None] == documents[None, :]].any()
    cosines = np.where(documents[:, None] == documents[None, :], -2, vectors @ vectors.T)
    assert (graph.argmax(axis=1) == cosines.argmax(axis=1)).all()


def test_a_single_document_has_no_neighbours_and_no_trouble() -> None:
    graph = Teacher().neighbour_graph(unit_rows(random_scores((5, 4), 2)).values, np.zeros(5, np.int64))
    assert graph.sum() == 0


def test_opinions_are_the_standardised_mixture_smoothed_over_neighbours() -> None:
    lexical, dense = random_scores((4, 12), 3), random_scores((4, 12), 4)
    teacher = Teacher(lexical=0.25, smoothing=0.5, neighbours=3)
    graph = teacher.neighbour_graph(unit_rows(random_scores((12, 6), 5)).values, np.arange(12))
    mixed = 0.25 * standardised(lexical) + 0.75 * standardised(dense)
    expected = standardised(0.5 * mixed + 0.5 * mixed @ graph.toarray().T)
    assert_allclose(teacher.opinions(lexical, dense, graph), expected, atol=1e-5)


def test_agreement_is_one_with_the_teacher_itself_and_falls_with_noise() -> None:
    opinions = random_scores((20, 200), 6)
    assert_allclose(agreement(opinions, opinions), 1)
    a_little, a_lot = (agreement(opinions + noise * random_scores((20, 200), 7), opinions).mean() for noise in (0.3, 3))
    assert 1 > a_little > a_lot > agreement(-opinions, opinions).mean() == 0


def test_a_forbidden_passage_counts_nowhere() -> None:
    opinions = random_scores((1, 50), 8)
    barred = opinions.copy()
    barred[0, opinions.argmax()] = FORBIDDEN
    loves_the_barred_one = np.where(np.isneginf(barred), 99, opinions)
    assert agreement(loves_the_barred_one, barred) == pytest.approx(1)


def test_pseudo_questions_are_distinct_cut_from_their_passage_and_the_same_for_a_seed(speeches) -> None:
    texts = speeches.passages.texts
    drawn = draw(texts, count=400, seed=3)
    assert drawn == draw(texts, count=400, seed=3) != draw(texts, count=400, seed=4)
    assert len({question.text for question in drawn}) == len(drawn) > 300
    for question in drawn:
        assert set(question.text.lower().split()) & set(texts[question.passage].text.lower().split())
