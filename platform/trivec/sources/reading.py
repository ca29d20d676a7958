"""Reading one file: its rows become documents under the mapping, and what cannot become one is rejected.

A stream goes in, documents come out. The first good rows decide which column is what.
"""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import chain

from trivec.errors import BadInput
from trivec.records import Document, RejectedRow
from trivec.sources.base import SHOWN, BadRow, Reader, Row, Rows
from trivec.sources.documents import document, flat_values
from trivec.sources.files import Rejects
from trivec.sources.ids import SeenIds
from trivec.sources.mapping import ColumnMapping

_SAMPLED = 100  # good rows that decide which column is what
_MOST_WAITING = 10_000  # rows, good or bad, that are held back until then
_WHOLE_FILE = ColumnMapping(id="", title="title", text="text", date="date", labels="", source="")


class FileReading:
    """One file on its way to documents.

    Args:
        source: its name.
        mapping: what is told of its columns; not used for a file that is one document.
        rejects: told of every bad row.
        seen: ids used so far, in all files of the source.
    """

    def __init__(self, source: str, *, mapping: ColumnMapping, rejects: Rejects, seen: SeenIds) -> None:
        self.given = 0
        self._source = source
        self._told = mapping
        self._mapping = mapping
        self._columns: set[str] = set()
        self._rejects = rejects
        self._seen = seen

    def documents(self, reader: Reader, stream: io.BufferedReader) -> Iterator[Document]:
        """Documents as they are read.

        Raises:
            BadInput: the file cannot be read, or not any further.
            BadMapping: its columns do not fit.
        """
        rows = rows_of(reader, stream, self._source)
        first = beginning(rows, _SAMPLED)
        good = [row for row in first if isinstance(row, Row)]
        if good:
            self._settle(good)
        for row in chain(first, rows):
            found = self._document(row)
            if isinstance(found, Document):
                self.given += 1
                yield found
            else:
                self._rejects(found)

    def _settle(self, rows: list[Row]) -> None:
        self._mapping = mapping_of(rows, self._told)
        self._columns = {column for row in columns_of(rows) for column in row}

    def _document(self, row: Row | BadRow) -> Document | RejectedRow:
        if isinstance(row, BadRow):
            return RejectedRow(self._source, row.line, row.reason, row.shown)
        if not self._mapping.text:
            self._settle([row])
        try:
            values = flat_values(row)
            if row.number and not self._columns.issuperset(values):
                self._learn_columns(values)
            made = document(row, values, self._mapping, self._source)
        except BadInput as error:
            return self._rejected(row, str(error))
        if before := self._seen.add(made.id, self._source, row.line):
            return self._rejected(row, f"id {made.id[:80]!r} was used before, in {before}")
        return made

    def _learn_columns(self, values: Mapping[str, object]) -> None:
        new = [column for column in values if column not in self._columns]
        self._columns.update(new)
        self._mapping = self._mapping.extended(self._told, new, values)

    def _rejected(self, row: Row, reason: str) -> RejectedRow:
        return RejectedRow(self._source, row.line, reason, shown(row))


def rows_of(reader: Reader, stream: io.BufferedReader, source: str) -> Rows:
    """All rows of a file.

    Raises:
        BadInput: it is empty, or the reader says so.
    """
    if not stream.peek(1):
        raise BadInput(f"{source} is empty")
    yield from reader(stream, source)


def beginning(rows: Rows, count: int) -> list[Row | BadRow]:
    """The rows up to the `count`-th good one."""
    taken: list[Row | BadRow] = []
    good = 0
    while good < count and len(taken) < _MOST_WAITING and (row := next(rows, None)) is not None:
        taken.append(row)
        good += isinstance(row, Row)
    return taken


def mapping_of(rows: list[Row], told: ColumnMapping) -> ColumnMapping:
    """What the columns of these rows are.

    Raises:
        BadMapping: as `ColumnMapping.completed`.
    """
    return told.completed(columns_of(rows)) if rows[0].number else _WHOLE_FILE


def columns_of(rows: list[Row]) -> list[dict[str, object]]:
    """The rows as flat columns, those that can be."""
    flattened = []
    for row in rows:
        try:
            flattened.append(flat_values(row))
        except BadInput:
            flattened.append(dict(row.values))
    return flattened


def shown(row: Row) -> str:
    """How a row begins."""
    return json.dumps(dict(row.values), default=str, ensure_ascii=False)[:SHOWN]
