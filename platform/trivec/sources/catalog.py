"""Every kind of source behind one door: a path goes in, documents come out, one at a time.

A path is a file, a compressed file, an archive, or a folder of all of these. A bad row, or a bad file among others, is
handed to `rejects` and the rest goes on.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trivec.errors import BadInput, BadMapping, UnknownFormat, UnsafeArchive
from trivec.records import Document, RejectedRow
from trivec.sources.base import BadRow, Limits, Reader, Row
from trivec.sources.delimited import read_csv
from trivec.sources.files import Rejects, files, is_alone, printable
from trivec.sources.ids import SeenIds
from trivec.sources.json_rows import read_json, read_jsonl
from trivec.sources.mapping import ColumnMapping
from trivec.sources.markup import read_html, read_markdown
from trivec.sources.parquet import read_parquet
from trivec.sources.pdf import read_pdf
from trivec.sources.plain import read_text
from trivec.sources.reading import FileReading, beginning, columns_of, mapping_of, rows_of
from trivec.sources.streams import unpacked_name
from trivec.sources.word import read_docx

READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".csv", ".tsv", ".tab"), read_csv),
    ".json": read_json,
    **dict.fromkeys((".jsonl", ".ndjson", ".jsonlines"), read_jsonl),
    **dict.fromkeys((".parquet", ".pq"), read_parquet),
    **dict.fromkeys((".txt", ".text"), read_text),
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml"), read_html),
    ".pdf": read_pdf,
    ".docx": read_docx,
}
_SHORTENED = 300  # characters of a value in a preview


@dataclass(frozen=True)
class Preview:
    """How a source begins.

    Attributes:
        source: the file that is shown, the first readable one of many.
        columns: all columns of the rows, nested ones under dotted names.
        rows: their values as strings, shortened.
        mapping: what each column would be taken for; its `text` is "" when no column looks like one.
        rejected: what among it cannot be read.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    mapping: ColumnMapping
    rejected: tuple[RejectedRow, ...]


def read(
    path: Path,
    *,
    mapping: ColumnMapping | None = None,
    rejects: Rejects,
    name: str = "",
    limits: Limits | None = None,
) -> Iterator[Document]:
    """The documents of a source, read as they are asked for, in constant memory.

    Args:
        path: a file, archive or folder.
        mapping: which column is what, for tables; what it leaves open is guessed for every file.
        rejects: told of every row, and every file among others, that cannot be used (line 0: the file itself).
        name: what the source is called instead of `path.name`; its suffix says what kind it is.
        limits: how much an archive may unpack to.

    Raises:
        NotFound: there is no such path.
        UnknownFormat: nothing reads files of this kind.
        UnsafeArchive: it would escape its folder or explode.
        BadMapping: a named column does not exist, or none looks like the text.
        BadInput: the only file there is cannot be read at all.
    """
    name = printable(name or path.name)
    alone = is_alone(path, name)
    with closing(SeenIds()) as seen:
        for source, stream in files(path, name, limits or Limits(), rejects):
            reading = FileReading(source, mapping=mapping or ColumnMapping(), rejects=rejects, seen=seen)
            try:
                yield from reading.documents(reader_for(source), stream)
            except BadInput as error:
                if alone and (not reading.given or isinstance(error, UnsafeArchive)):
                    raise
                rejects(RejectedRow(source, 0, str(error)))


def preview(path: Path, rows: int = 20, *, name: str = "", limits: Limits | None = None) -> Preview:
    """The first rows of a source's first readable file, and what its columns would be taken for.

    Raises:
        BadInput: nothing in it can be read (or more closely, as `read`).
    """
    name = printable(name or path.name)
    rejected: list[RejectedRow] = []
    for source, stream in files(path, name, limits or Limits(), rejected.append):
        try:
            return _previewed(source, stream, rows, rejected)
        except BadInput as error:
            if is_alone(path, name):
                raise
            rejected.append(RejectedRow(source, 0, str(error)))
    why = "; ".join(f"{row.source}: {row.reason}" for row in rejected[:3]) or "there is no file in it"
    raise BadInput(f"nothing in {name} can be read: {why}")


def reader_for(name: str) -> Reader:
    """What reads a file of this name.

    Raises:
        UnknownFormat: nothing does.
    """
    suffix = PurePosixPath(unpacked_name(name)).suffix.lower()
    if suffix not in READERS:
        known = ", ".join((*READERS, ".zip", ".tar"))
        raise UnknownFormat(f"{name} is of no known kind; known are {known}, also with .gz, .bz2, .xz or .zst")
    return READERS[suffix]


def _previewed(source: str, stream: io.BufferedReader, count: int, rejected: list[RejectedRow]) -> Preview:
    first = beginning(rows_of(reader_for(source), stream, source), count)
    good = [row for row in first if isinstance(row, Row)]
    bad = [RejectedRow(source, row.line, row.reason, row.shown) for row in first if isinstance(row, BadRow)]
    if not good:
        raise BadInput(f"{source} has no readable row" + (f"; the first: {bad[0].reason}" if bad else ""))
    columns = columns_of(good)
    try:
        mapping = mapping_of(good, ColumnMapping())
    except BadMapping:
        mapping = ColumnMapping(text="")
    return Preview(
        source,
        tuple(dict.fromkeys(column for row in columns for column in row)),
        tuple(
            {column: "" if value is None else str(value)[:_SHORTENED] for column, value in row.items()}
            for row in columns
        ),
        mapping,
        (*rejected, *bad),
    )
