"""From what each source found to one ranking of documents, and why each stands where it stands.

Candidates by source go in; documents at their best passage come out, best first, with contributions that add up.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from trivec.records import SourceScore
from trivec.store.names import document_key
from trivec.store.queries import Candidate, RankFused, rrf_share

Lists = Mapping[str, Sequence[Candidate]]
Share = Callable[[str, int, float], float]  # source, 1-based rank, raw score -> what it adds to the fused score


@dataclass(frozen=True)
class Ranking:
    """Documents in order.

    Attributes:
        documents: the best passage of every document with its fused score, best first.
        lists: what each source found, best first.
        share: what a source adds to the score of a passage.
    """

    documents: tuple[Candidate, ...]
    lists: Lists
    share: Share

    def sources(self, point: str) -> dict[str, SourceScore]:
        """How each source that found a passage saw it."""
        found = {name: places[point] for name, places in self._places.items() if point in places}
        return {name: SourceScore(place + 1, self.lists[name][place].score) for name, place in found.items()}

    def contributions(self, candidate: Candidate) -> dict[str, float]:
        """What each of these sources added; scaled where needed so that they add up to the score."""
        shares = {name: self.share(name, at.rank, at.score) for name, at in self.sources(candidate.id).items()}
        total = sum(shares.values())
        if not total:
            return shares
        return {name: share * candidate.score / total for name, share in shares.items()}

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {name: {each.id: place for place, each in enumerate(found)} for name, found in self.lists.items()}


def single(name: str, found: Sequence[Candidate]) -> Ranking:
    """The ranking of one source; its raw score is the score."""
    return Ranking(by_document(found), {name: found}, lambda _name, _rank, score: score)


def weighted_sum(lists: Lists, weights: Mapping[str, float], *, exhausted: Collection[str] = ()) -> Ranking:
    """Each source's scores brought to [0, 1] over its candidates, weighted and added.

    Weights are brought to a sum of 1 over the sources at hand, so a score of 1 is the best of all of them. A passage
    that is not among a source's candidates gets nothing from it, as the last of them does.

    Args:
        lists: candidates by source, best first.
        weights: of the sources, relative to each other.
        exhausted: sparse sources that found all there is to find: what they did not find scores 0 with them, so 0 and
            not their last candidate is the bottom of their scale.
    """
    total = sum(weights[name] for name in lists) or 1.0
    scales = {name: _min_max(found, weights[name] / total, to_zero=name in exhausted) for name, found in lists.items()}
    scores: dict[str, float] = {}
    for name, found in lists.items():
        scale, shift = scales[name]
        for point, score in found:
            scores[point] = scores.get(point, 0.0) + score * scale + shift
    ordered = sorted([(-score, point) for point, score in scores.items()])
    documents = by_document([Candidate(point, -score) for score, point in ordered])
    return Ranking(documents, lists, lambda name, _rank, score: score * scales[name][0] + scales[name][1])


def of_rank_fusion(answer: RankFused, *, k: int, weights: Mapping[str, float]) -> Ranking:
    """Qdrant's reciprocal rank fusion, explained by the ranks in the sources' own lists."""

    def share(name: str, rank: int, _score: float) -> float:
        return rrf_share(rank, k=k, weight=weights[name])

    return Ranking(by_document(answer.fused), answer.sources, share)


def by_document(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The first, that is the best, passage of every document."""
    best: dict[str, Candidate] = {}
    for candidate in found:
        key = document_key(candidate.id)
        if key not in best:
            best[key] = candidate
    return tuple(best.values())


def _min_max(found: Sequence[Candidate], weight: float, *, to_zero: bool) -> tuple[float, float]:
    """Factor and summand that bring a source's scores to [0, weight]; where all are alike, all are the best."""
    if not found:
        return 0.0, 0.0
    top, bottom = found[0].score, 0.0 if to_zero else found[-1].score
    if top <= bottom:
        return 0.0, weight
    factor = weight / (top - bottom)
    return factor, -bottom * factor
