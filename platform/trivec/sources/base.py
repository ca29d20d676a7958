"""What a reader is: bytes of one file in, rows out, each either values under column names or a reason why not.

A reader never holds the whole of a table in memory and never stops at a bad row. It raises `BadInput` only when the
file as a whole cannot be read (any further).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader

SHOWN = 500  # characters of an offending row that are kept


@dataclass(frozen=True)
class Row:
    """A row as its file gave it.

    Attributes:
        line: 1-based line of a text file, element of a JSON array, row of a Parquet file.
        values: column -> value; nested objects as they are.
        number: 1-based count of rows, bad ones included; 0 when the whole file is this one row.
        typed: whether the format knows types; in CSV everything is a string.
    """

    line: int
    values: Mapping[str, object]
    number: int = 0
    typed: bool = True


@dataclass(frozen=True)
class BadRow:
    """A row that could not be read: its line, why, and how it begins."""

    line: int
    reason: str
    shown: str = ""


Rows = Iterator[Row | BadRow]
Reader = Callable[[BufferedReader, str], Rows]  # the stream and the file's name, for messages and titles


@dataclass(frozen=True)
class Limits:
    """How much one input may ask for.

    Attributes:
        members: files in an archive.
        unpacked: bytes that an archive or a compressed file may hold.
        ratio: how many times larger than itself it may become, once past `free` bytes.
        free: unpacked bytes below which the ratio does not matter.
        document: bytes of a file that becomes one document.
    """

    members: int = 100_000
    unpacked: int = 100 * 2**30
    ratio: int = 250
    free: int = 32 * 2**20
    document: int = 64 * 2**20
