"""Search parameters: `models.SearchParams` in, `edge.SearchParams` out."""

import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion.filters import edge_filter


def search_params(params: models.SearchParams | None) -> edge.SearchParams | None:
    """The same parameters for Edge; None stays None."""
    if params is None:
        return None
    return edge.SearchParams(
        hnsw_ef=params.hnsw_ef,
        exact=params.exact or False,
        quantization=_quantization(params.quantization),
        indexed_only=params.indexed_only or False,
        acorn=_acorn(params.acorn),
        idf=_idf(params.idf),
    )


def _quantization(params: models.QuantizationSearchParams | None) -> edge.QuantizationSearchParams | None:
    if params is None:
        return None
    return edge.QuantizationSearchParams(
        ignore=params.ignore or False, rescore=params.rescore, oversampling=params.oversampling
    )


def _acorn(params: models.AcornSearchParams | None) -> edge.AcornSearchParams | None:
    if params is None:
        return None
    return edge.AcornSearchParams(enable=params.enable or False, max_selectivity=params.max_selectivity)


def _idf(params: models.IdfParams | None) -> edge.IdfParams | None:
    if isinstance(params, models.IdfCorpusParams):
        return edge.IdfParams(edge_filter(params.corpus))
    return None
