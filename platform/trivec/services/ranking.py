"""From what each source found to one ranking of documents, and why each stands where it stands.

Candidates by source go in; documents at their best passage come out, best first, with contributions that add up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from trivec.records import SourceScore
from trivec.store.queries import Candidate, RankFused, rrf_share

Lists = Mapping[str, Sequence[Candidate]]
Share = Callable[[str, int, float], float]  # source, 1-based rank, raw score -> what it adds to the fused score


@dataclass(frozen=True)
class Ranking:
    """Documents in order.

    Attributes:
        documents: the best passage of every document with its fused score, best first.
        seen: rank and raw score of every passage, by source and point.
        share: what a source adds to the score of a passage.
    """

    documents: tuple[Candidate, ...]
    seen: Mapping[str, Mapping[str, SourceScore]]
    share: Share

    def sources(self, point: str) -> dict[str, SourceScore]:
        """How each source that found a passage saw it."""
        return {name: found[point] for name, found in self.seen.items() if point in found}

    def contributions(self, candidate: Candidate) -> dict[str, float]:
        """What each of these sources added; scaled where needed so that they add up to the score."""
        shares = {name: self.share(name, at.rank, at.score) for name, at in self.sources(candidate.id).items()}
        total = sum(shares.values())
        if not total:
            return shares
        return {name: share * candidate.score / total for name, share in shares.items()}


def single(name: str, found: Sequence[Candidate]) -> Ranking:
    """The ranking of one source; its raw score is the score."""
    return Ranking(by_document(found), _seen({name: found}), lambda _name, _rank, score: score)


def weighted_sum(lists: Lists, weights: Mapping[str, float]) -> Ranking:
    """Each source's scores brought to [0, 1] over its candidates, weighted and added.

    Weights are brought to a sum of 1 over the sources at hand, so a score of 1 is the best of all of them. A passage
    that a source did not find among its candidates gets nothing from it, as the last of them does.
    """
    total = sum(weights[name] for name in lists)
    shares = {name: _min_max(found, weights[name] / total if total else 0.0) for name, found in lists.items()}

    def share(name: str, _rank: int, score: float) -> float:
        return shares[name](score)

    return Ranking(_fuse(lists, share), _seen(lists), share)


def of_rank_fusion(answer: RankFused, *, k: int, weights: Mapping[str, float]) -> Ranking:
    """Qdrant's reciprocal rank fusion, explained by the ranks in the sources' own lists."""

    def share(name: str, rank: int, _score: float) -> float:
        return rrf_share(rank, k=k, weight=weights[name])

    return Ranking(by_document(answer.fused), _seen(answer.sources), share)


def by_document(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The first, that is the best, passage of every document."""
    best: dict[str, Candidate] = {}
    for candidate in found:
        best.setdefault(candidate.document_id, candidate)
    return tuple(best.values())


def _fuse(lists: Lists, share: Share) -> tuple[Candidate, ...]:
    scores: dict[str, float] = {}
    documents: dict[str, str] = {}
    for name, found in lists.items():
        for rank, candidate in enumerate(found, 1):
            scores[candidate.id] = scores.get(candidate.id, 0.0) + share(name, rank, candidate.score)
            documents[candidate.id] = candidate.document_id
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return by_document([Candidate(point, documents[point], score) for point, score in ordered])


def _min_max(found: Sequence[Candidate], weight: float) -> Callable[[float], float]:
    if not found:
        return lambda _score: 0.0
    top, bottom = found[0].score, found[-1].score
    if top == bottom:
        return lambda _score: weight
    scale = weight / (top - bottom)
    return lambda score: (score - bottom) * scale


def _seen(lists: Lists) -> dict[str, dict[str, SourceScore]]:
    return {
        name: {candidate.id: SourceScore(rank, candidate.score) for rank, candidate in enumerate(found, 1)}
        for name, found in lists.items()
    }
