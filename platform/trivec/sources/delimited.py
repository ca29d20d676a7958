"""CSV and TSV: a stream of bytes goes in, rows come out.

The delimiter is found in the first lines. Quoted line breaks are kept and lines counted as an editor counts them. A
quote that is never closed costs one row: reading goes on with the line after it.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from trivec.sources.base import SHOWN, BadRow, Row, Rows
from trivec.sources.dates import is_date
from trivec.sources.encodings import UNDECODABLE, lines, text_stream

_DELIMITERS = ",\t;|"
_SAMPLED_LINES = 50
_LONGEST_FIELD = 2**25
_LONGEST_NAME = 80


def read_csv(stream: io.BufferedReader, name: str) -> Rows:
    """Rows of a delimited file, under the names in its first line (`column_1` ... where that line holds data)."""
    csv.field_size_limit(_LONGEST_FIELD)
    source = _Lines(text_stream(stream))
    delimiter = "\t" if name.lower().endswith((".tsv", ".tab")) else sniff(source.first(_SAMPLED_LINES))
    records = _records(source, delimiter)
    header = next((record for record in records if isinstance(record, _Record)), None)
    if header is None:
        return
    named = is_header(header.cells)
    columns = _named(header.cells if named else [""] * len(header.cells))
    if not named:
        source.give_back(header.taken)
    source.width = len(columns)
    for number, record in enumerate(records, start=1):
        if isinstance(record, _Record):
            yield Row(record.line, dict(zip(columns, record.cells, strict=True)), number, typed=False)
        else:
            yield record


class _Record:
    """The cells of a record and the lines it took."""

    def __init__(self, cells: list[str], taken: list[tuple[int, str]]) -> None:
        self.cells = cells
        self.taken = taken

    @property
    def line(self) -> int:
        return self.taken[0][0]


class _Lines:
    """Numbered lines that can be given back, and remember which were taken since asked."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._rest = lines(stream)
        self._waiting: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.width = 0  # cells a record has to have; 0 while unknown

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._rest)
        self.taken.append(line)
        return line[1]

    def first(self, count: int) -> list[str]:
        """The lines that come next, still to be taken."""
        self._waiting.extend(islice(self._rest, count))
        return [line for _, line in self._waiting]

    def give_back(self, taken: Sequence[tuple[int, str]]) -> None:
        """These lines come next."""
        self._waiting.extendleft(reversed(taken))

    def pop_taken(self) -> list[tuple[int, str]]:
        """The lines taken since the last call."""
        taken, self.taken = self.taken, []
        return taken


def _records(source: _Lines, delimiter: str) -> Iterator[_Record | BadRow]:
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
            reason = _wrong_width(cells, source.width)
        except StopIteration:
            return
        except csv.Error as error:
            cells, reason = [], f"broken row: {error}"
        taken = source.pop_taken()
        if not "".join(line for _, line in taken).strip():
            continue
        if reason:
            source.give_back(taken[1:])  # a quote that was not closed swallowed what follows
            reason += '; a quote (") is not closed' if len(taken) > 1 else ""
            taken = taken[:1]
            if mended := _mended(taken[0][1], delimiter, source.width):
                cells, reason = mended, ""
        shown = taken[0][1].rstrip("\r\n")
        if not reason and UNDECODABLE in "".join(cells):
            reason = "bytes that are not text in this file's encoding; save it as UTF-8"
        yield BadRow(taken[0][0], reason, shown[:SHOWN]) if reason else _Record(cells, taken)


def _mended(line: str, delimiter: str, width: int) -> list[str]:
    """The cells of a line with sloppy quotes, if that makes sense; tab-separated files often do not quote at all."""
    if delimiter == "\t":
        cells = line.rstrip("\r\n").split("\t")
    else:
        cells = [] if line.count('"') % 2 else next(csv.reader([line], delimiter=delimiter), [])
    return cells if len(cells) == width else []


def _wrong_width(cells: Sequence[str], width: int) -> str:
    if not width or len(cells) == width:
        return ""
    return f"{len(cells)} columns where the header has {width}"


def sniff(sample: Sequence[str]) -> str:
    """The delimiter that cuts most lines into the same number of cells, more than one; else a comma."""
    best, delimiter = 0.0, ","
    for candidate in _DELIMITERS:
        widths = [len(cells) for cells in _parsed(sample, candidate) if cells]
        if not widths or widths[0] < 2:
            continue
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        if agreeing > best:
            best, delimiter = agreeing, candidate
    return delimiter


def _parsed(sample: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(sample, delimiter=delimiter))
    except csv.Error:
        return []


def is_header(cells: Sequence[str]) -> bool:
    """Whether a first line names columns: short, and neither numbers nor dates."""
    names = [cell.strip() for cell in cells]
    return not any(len(name) > _LONGEST_NAME or _is_number(name) or is_date(name) for name in names)


def _named(cells: Sequence[str]) -> list[str]:
    """A different name for every column: `column_2` for an empty one, `tag_3` for a third column that says `tag`."""
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column_{position}"
        names.append(f"{name}_{position}" if name in names else name)
    return names


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdigit()
