"""Fusing what the sources found."""

import numpy as np
import pytest

from trivec.services import ranking
from trivec.services.diversity import diversify
from trivec.store.queries import Candidate, RankFused, rrf_share


def found(*scores: tuple[str, float]) -> tuple[Candidate, ...]:
    """Candidates `a0`, passage 0 of document `a`, and so on, as points."""
    return tuple(Candidate(point(name), score) for name, score in scores)


def point(name: str) -> str:
    return f"{name[0]}-00000{name[1]}"


def named(candidate: Candidate) -> str:
    return candidate.id[0] + candidate.id[-1]


BM25 = found(("a0", 12.0), ("b0", 6.0), ("c0", 2.0))
BERT = found(("b1", 0.9), ("b0", 0.8), ("d0", 0.7), ("a0", 0.5))


def test_the_weighted_sum_scales_each_source_to_one() -> None:
    ranked = ranking.weighted_sum({"bm25": BM25, "bert": BERT}, {"bm25": 4.0, "bert": 6.0})
    scores = {candidate.id[0]: candidate.score for candidate in ranked.documents}
    assert scores == pytest.approx({"b": 0.61, "a": 0.4, "d": 0.3, "c": 0.0}, abs=1e-9)
    assert [named(candidate) for candidate in ranked.documents] == ["b0", "a0", "d0", "c0"]


def test_what_a_sparse_source_did_not_find_although_it_could_scores_zero() -> None:
    ranked = ranking.weighted_sum({"bm25": BM25, "bert": BERT}, {"bm25": 0.4, "bert": 0.6}, exhausted={"bm25"})
    scores = {candidate.id[0]: candidate.score for candidate in ranked.documents}
    assert scores == pytest.approx({"b": 0.2 + 0.45, "a": 0.4, "d": 0.3, "c": 0.4 / 6}, abs=1e-9)


def test_contributions_add_up_to_the_score_whatever_the_method() -> None:
    weights = {"bm25": 0.4, "bert": 0.6}
    fused = {
        each: sum(
            rrf_share(rank, k=10, weight=weights[name])
            for name, listed in (("bm25", BM25), ("bert", BERT))
            for rank, candidate in enumerate(listed, 1)
            if named(candidate) == each
        )
        for each in ("a0", "b0", "b1", "c0", "d0")
    }
    ordered = sorted(fused.items(), key=lambda item: -item[1])
    answer = RankFused(found(*ordered), {"bm25": BM25, "bert": BERT})
    rankings = [
        ranking.weighted_sum({"bm25": BM25, "bert": BERT}, weights),
        ranking.of_rank_fusion(answer, k=10, weights=weights),
        ranking.single("bert", BERT),
    ]
    for ranked in rankings:
        for candidate in ranked.documents:
            assert sum(ranked.contributions(candidate).values()) == pytest.approx(candidate.score)
            assert set(ranked.contributions(candidate)) == set(ranked.sources(candidate.id))


def test_a_document_stands_at_its_best_passage() -> None:
    ranked = ranking.single("bert", BERT)
    assert [named(each) for each in ranked.documents] == ["b1", "d0", "a0"]
    assert ranked.sources(point("a0"))["bert"].rank == 4


def test_sources_that_found_nothing_or_agree_in_everything_do_no_harm() -> None:
    alike = found(("a0", 1.0), ("b0", 1.0))
    ranked = ranking.weighted_sum({"bm25": (), "bert": alike}, {"bm25": 0.4, "bert": 0.6})
    assert [candidate.score for candidate in ranked.documents] == pytest.approx([0.6, 0.6])
    assert ranking.weighted_sum({"bm25": ()}, {"bm25": 1.0}).documents == ()


def test_diversity_puts_the_unlike_before_the_alike() -> None:
    ranked = found(("a0", 1.0), ("b0", 0.99), ("c0", 0.5))
    vectors = {
        point("a0"): np.array([1.0, 0.0], np.float32),
        point("b0"): np.array([1.0, 0.0], np.float32),
        point("c0"): np.array([0.0, 1.0], np.float32),
    }
    assert [named(each) for each in diversify(ranked, vectors, diversity=0.0)] == ["a0", "b0", "c0"]
    assert [named(each) for each in diversify(ranked, vectors, diversity=0.7)] == ["a0", "c0", "b0"]
    assert [each.score for each in diversify(ranked, {}, diversity=0.7)] == [1.0, 0.99, 0.5]
