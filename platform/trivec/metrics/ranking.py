"""How good a ranking is: judgements and rankings in, one figure per query out.

The arithmetic is trec_eval's, through `ir-measures` (MacAvaney, Macdonald & Ounis, 2022).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trivec.errors import BadInput, MissingExtra

Floats = NDArray[np.float64]  # (queries,)
Judgements = Mapping[str, Mapping[str, int]]  # query -> document -> grade; what is not listed is not relevant
Rankings = Mapping[str, Sequence[str]]  # query -> documents, best first


def ranking_metrics(judgements: Judgements, rankings: Rankings) -> dict[str, Floats]:
    """nDCG@10, recall@100 and reciprocal rank within 10, per judged query in the order of `judgements`.

    nDCG takes the grade itself as gain (Järvelin & Kekäläinen, 2002); recall and reciprocal rank count every grade
    above zero as relevant. A query without a ranking scores 0.

    Args:
        judgements: at least one positive grade for every query.
        rankings: documents best first, each once; ties are already decided by this order.

    Returns:
        `ndcg@10`, `recall@100` and `mrr@10`, each of shape (queries,), between 0 and 1, higher is better.

    >>> figures = ranking_metrics({"q": {"a": 1}}, {"q": ["b", "a"]})
    >>> {name: float(values[0].round(3)) for name, values in figures.items()}
    {'ndcg@10': 0.631, 'recall@100': 1.0, 'mrr@10': 0.5}
    """
    try:
        import ir_measures
        from ir_measures import RR, R, nDCG
    except ImportError as missing:
        raise MissingExtra("ir-measures", "evaluation") from missing
    names = {nDCG @ 10: "ndcg@10", R @ 100: "recall@100", RR @ 10: "mrr@10"}
    rows = {query: row for row, query in enumerate(judgements)}
    figures = {name: np.zeros(len(rows)) for name in names.values()}
    run = {query: _scores(query, rankings.get(query, ())) for query in judgements}
    grades = {query: dict(judged) for query, judged in judgements.items()}
    for found in ir_measures.iter_calc(list(names), grades, run):
        figures[names[found.measure]][rows[found.query_id]] = found.value
    return figures


def _scores(query: str, ranking: Sequence[str]) -> dict[str, float]:
    """Distinct scores that sort as the ranking does: trec_eval would break ties by document id."""
    scores = {document: float(-rank) for rank, document in enumerate(ranking)}
    if len(scores) != len(ranking):
        raise BadInput(f"the ranking for query {query!r} names a document twice: keep its best place only")
    return scores
