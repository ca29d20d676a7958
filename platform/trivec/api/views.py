"""Records to JSON by hand: on the hot path a dict and orjson are an order of magnitude cheaper than models."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from trivec.encoders.base import EncoderSpec
from trivec.records import FacetCount, Hit

if TYPE_CHECKING:
    from trivec.services.search_records import SearchResult
    from trivec.store.generation import CorpusInfo

Json = dict[str, Any]


def reply(content: object, *, status: int = 200) -> Response:
    """JSON for the wire; dates as RFC 3339, dataclasses field by field, numpy numbers as numbers."""
    body = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    return Response(body, status_code=status, media_type="application/json")


def search_result(result: "SearchResult", *, explain: bool) -> Json:
    """As SearchAnswer shows it."""
    return {
        "hits": [hit(each, explain=explain) for each in result.hits],
        "facets": {key: facet(values) for key, values in result.facets.items()},
        "histogram": None if result.histogram is None else facet(result.histogram),
        "total": result.total,
        "took_ms": round(result.took_ms, 3),
        "degraded": result.degraded,
    }


def similar_result(result: "SearchResult") -> Json:
    """As SimilarAnswer shows it."""
    whole = search_result(result, explain=False)
    return {key: whole[key] for key in ("hits", "total", "took_ms", "degraded")}


def hit(value: Hit, *, explain: bool) -> Json:
    """A hit as SearchAnswer and SimilarAnswer show it."""
    stored = value.passage
    return {
        "document_id": value.document_id,
        "score": value.score,
        "title": stored.title,
        "passage": stored.passage.text,
        "passage_number": stored.passage.number,
        "start": stored.passage.start,
        "end": stored.passage.end,
        "highlights": [{"start": span.start, "end": span.end} for span in value.highlights],
        "sources": {name: {"rank": seen.rank, "score": seen.score} for name, seen in value.sources.items()},
        "explanation": _explanation(value) if explain else None,
        "date": stored.date,
        "labels": stored.labels,
        "source": stored.source,
        "language": stored.language,
        "metadata": dict(stored.metadata),
    }


def _explanation(value: Hit) -> Json:
    ordered = sorted(value.contributions.items(), key=lambda item: -item[1])
    words = [{"word": one.word, "source": one.source, "contribution": one.contribution} for one in value.words]
    return {"sources": [{"source": name, "contribution": amount} for name, amount in ordered], "words": words}


def facet(values: Sequence[FacetCount]) -> list[Json]:
    """Values and their counts."""
    return [{"value": one.value, "count": one.count} for one in values]


def vector(spec: EncoderSpec) -> Json:
    """A named vector as CorpusAnswer shows it."""
    shown = ("name", "family", "kind", "dimension", "model", "weights", "licence")
    return {name: getattr(spec, name) for name in shown}


def corpus(info: "CorpusInfo") -> Json:
    """As CorpusAnswer shows it."""
    return {
        "name": info.name,
        "documents": info.documents,
        "passages": info.passages,
        "generation": info.generation.number,
        "state": info.generation.state,
        "created_at": info.generation.created_at,
        "vectors": [vector(spec) for spec in info.specs],
    }
