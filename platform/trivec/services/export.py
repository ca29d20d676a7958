"""Export: passages to a Parquet, CSV or JSONL file, page by page, in constant memory.

Rows go in; a file that is complete, or not there at all, comes out. Parquet keeps types (lists, timestamps, vectors);
CSV holds labels, metadata and vectors as JSON in their cells; JSONL is one object a line.
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from trivec.encoders.base import EncoderSpec
from trivec.errors import BadInput, MissingExtra
from trivec.records import StoredPassage
from trivec.store.vectors import QueryVector, SparseRow

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "jsonl")

_PAGE = 256  # rows in memory at once
_NUMPY = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True)
class Row:
    """One passage to write.

    Attributes:
        passage: the passage.
        vectors: by name; those that the file is to hold.
        rank: 1-based place among search results, None in a whole corpus.
        score: of a search result.
    """

    passage: StoredPassage
    vectors: Mapping[str, QueryVector] = field(default_factory=dict)
    rank: int | None = None
    score: float | None = None


def write(
    rows: Iterable[Row],
    path: Path,
    *,
    format: Format,  # noqa: A002
    specs: Sequence[EncoderSpec] = (),
    ranked: bool = False,
) -> int:
    """Write rows to a file; returns how many. The file appears when it is complete.

    Args:
        rows: to write; read once, a page at a time.
        path: the file; one that exists is replaced.
        format: of the file.
        specs: of the vectors that it holds, a column `vector.NAME` for each.
        ranked: it holds search results, with columns `rank` and `score`.

    Raises:
        BadInput: an unknown format, or a folder that cannot be written to.
        MissingExtra: Parquet without pyarrow.
    """
    writers: dict[str, Callable[..., int]] = {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl}
    if format not in writers:
        raise BadInput(f"export format {format!r} is unknown: choose one of {', '.join(FORMATS)}")
    with _replacing(path) as partial:
        return writers[format](rows, partial, specs, ranked)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"cannot write the export to {path}: {error}") from error


def _jsonl(rows: Iterable[Row], path: Path, specs: Sequence[EncoderSpec], ranked: bool) -> int:
    count = 0
    with path.open("wb") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007
            values = _values(row, specs, ranked) | {"vectors": _vectors(row, specs)}
            if not specs:
                del values["vectors"]
            file.write(orjson.dumps(values, option=_NUMPY | orjson.OPT_APPEND_NEWLINE))
    return count


def _csv(rows: Iterable[Row], path: Path, specs: Sequence[EncoderSpec], ranked: bool) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_columns(ranked), *(f"vector.{spec.name}" for spec in specs)])
        for count, row in enumerate(rows, 1):  # noqa: B007
            vectors = _vectors(row, specs)
            cells = [*_values(row, specs, ranked).values(), *(vectors.get(spec.name) for spec in specs)]
            writer.writerow([_cell(value) for value in cells])
    return count


def _parquet(rows: Iterable[Row], path: Path, specs: Sequence[EncoderSpec], ranked: bool) -> int:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("pyarrow", "sources") from error
    schema = _schema(specs, ranked)
    count, source = 0, iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while page := list(islice(source, _PAGE)):
            writer.write_table(pa.Table.from_pylist([_typed(row, specs, ranked) for row in page], schema=schema))
            count += len(page)
    return count


def _columns(ranked: bool) -> tuple[str, ...]:
    first = ("rank", "score") if ranked else ()
    passage = ("document_id", "passage", "passages", "start", "end", "title", "text", "date", "labels", "source")
    return (*first, *passage, "language", "content_hash", "ingested_at", "metadata")


def _values(row: Row, specs: Sequence[EncoderSpec], ranked: bool) -> dict[str, Any]:
    stored = row.passage
    first: dict[str, Any] = {"rank": row.rank, "score": row.score} if ranked else {}
    return first | {
        "document_id": stored.document_id,
        "passage": stored.passage.number,
        "passages": stored.passages,
        "start": stored.passage.start,
        "end": stored.passage.end,
        "title": stored.title,
        "text": stored.passage.text,
        "date": stored.date,
        "labels": list(stored.labels),
        "source": stored.source,
        "language": stored.language,
        "content_hash": stored.content_hash,
        "ingested_at": stored.ingested_at,
        "metadata": dict(stored.metadata),
    }


def _vectors(row: Row, specs: Sequence[EncoderSpec]) -> dict[str, Any]:
    return {spec.name: _plain(row.vectors[spec.name]) for spec in specs if spec.name in row.vectors}


def _plain(vector: QueryVector) -> Any:
    if isinstance(vector, SparseRow):
        return {"indices": vector.indices, "values": vector.values}
    return vector


def _cell(value: Any) -> Any:
    """What a CSV cell holds: text and numbers as they are, times as RFC 3339, all else as JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return orjson.dumps(value, option=_NUMPY).decode()


def _typed(row: Row, specs: Sequence[EncoderSpec], ranked: bool) -> dict[str, Any]:
    values = _values(row, specs, ranked)
    values["metadata"] = orjson.dumps(values["metadata"]).decode()
    return values | {f"vector.{name}": vector for name, vector in _vectors(row, specs).items()}


def _schema(specs: Sequence[EncoderSpec], ranked: bool) -> "pa.Schema":
    import pyarrow as pa

    moment = pa.timestamp("us", tz="UTC")
    numbers = {name: pa.int64() for name in ("rank", "passage", "passages", "start", "end")}
    kinds: dict[str, pa.DataType] = {
        **numbers,
        "score": pa.float64(),
        "date": moment,
        "ingested_at": moment,
        "labels": pa.list_(pa.string()),
    }
    columns: list[tuple[str, pa.DataType]] = [(name, kinds.get(name, pa.string())) for name in _columns(ranked)]
    sparse = pa.struct([("indices", pa.list_(pa.uint32())), ("values", pa.list_(pa.float32()))])
    columns += [(f"vector.{spec.name}", sparse if spec.kind == "sparse" else pa.list_(pa.float32())) for spec in specs]
    return pa.schema(columns)
