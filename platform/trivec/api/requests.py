"""From what a request says to what a service takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from pydantic import TypeAdapter, ValidationError

from trivec.api.ingest_schemas import DocumentBody, MappingBody
from trivec.api.schemas import CorpusName, FiltersBody, SearchBody
from trivec.errors import BadInput
from trivec.records import Filters

if TYPE_CHECKING:
    from trivec.services.search_records import SearchRequest
    from trivec.sources.mapping import ColumnMapping

_CORPUS: TypeAdapter[str] = TypeAdapter(CorpusName)


def search_request(body: SearchBody) -> "SearchRequest":
    """The question as the service takes it."""
    from trivec.services.search_records import SearchRequest

    return SearchRequest(
        query=body.query,
        corpus=body.corpus,
        using=tuple(body.using) if body.using else None,
        fusion=body.fusion,
        weights=body.weights,
        k=body.k,
        limit=body.limit,
        offset=body.offset,
        filters=filters(body.filters),
        facets=tuple(body.facets),
        histogram=body.histogram,
        diversity=body.diversity,
        explain=body.explain,
    )


def filters(body: FiltersBody) -> Filters:
    """The conditions as every room knows them."""
    return Filters(
        date_from=body.date_from,
        date_to=body.date_to,
        labels=tuple(body.labels),
        sources=tuple(body.sources),
        languages=tuple(body.languages),
        metadata={key: tuple(values) for key, values in body.metadata.items()},
        document_ids=tuple(body.document_ids),
        exclude_ids=tuple(body.exclude_ids),
        cells=tuple(body.cells),
    )


def document_lines(documents: Sequence[DocumentBody]) -> Iterator[bytes]:
    """Documents as JSON lines, as `sources` reads them."""
    for document in documents:
        fields = document.model_dump() | {"source": document.source or "api"}
        yield orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def document_mapping() -> "ColumnMapping":
    """The columns of `document_lines`."""
    from trivec.sources.mapping import ColumnMapping

    return ColumnMapping(id="id", title="title", text="text", date="date", labels="labels", source="source")


@dataclass(frozen=True)
class IngestForm:
    """The plain fields of POST /v1/ingest."""

    corpus: str
    upload: str
    source: str | None
    mapping: str

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> "IngestForm":
        """Check the fields of a form."""
        unknown = sorted(set(fields) - {"corpus", "upload", "source", "mapping"})
        if unknown:
            raise BadInput(f"unknown form fields {', '.join(unknown)}: corpus, upload, source and mapping are known")
        try:
            corpus = _CORPUS.validate_python(fields.get("corpus", ""))
        except ValidationError as error:
            raise BadInput(f"corpus {fields.get('corpus', '')!r}: {error.errors()[0]['msg']}") from error
        return cls(corpus, fields.get("upload", ""), fields.get("source") or None, fields.get("mapping", ""))


def column_mapping(text: str) -> "ColumnMapping | None":
    """A mapping given as JSON; an empty one means that the columns are guessed."""
    from trivec.sources.mapping import ColumnMapping

    if not text.strip():
        return None
    try:
        body = MappingBody.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"mapping {text[:80]!r}: {where}: {first['msg']}") from error
    metadata = None if body.metadata is None else tuple(body.metadata)
    return ColumnMapping(**body.model_dump(exclude={"metadata"}), metadata=metadata)
