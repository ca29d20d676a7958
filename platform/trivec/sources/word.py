"""Word (DOCX): one document per file, paragraphs and tables in reading order, title and date from its properties."""

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from trivec.errors import BadInput, MissingExtra, UnsafeArchive
from trivec.sources.base import Limits, Row, Rows
from trivec.sources.plain import title_of
from trivec.sources.streams import seekable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table


def read_docx(stream: io.BufferedReader, name: str) -> Rows:
    """The file as one row."""
    try:
        import docx
    except ImportError as error:
        raise MissingExtra("python-docx", "sources") from error
    with seekable(stream) as file:
        try:
            _refuse_bombs(file, name)
            document = docx.Document(file)
            text = "\n".join(_lines(document))
        except (zipfile.BadZipFile, KeyError, ValueError, AttributeError, SyntaxError, RecursionError) as error:
            raise BadInput(f"{name} cannot be read as a Word document: {error}") from error
        yield Row(1, {"text": text, **_described(document, name)})


def _refuse_bombs(file: BinaryIO, name: str) -> None:
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    file.seek(0)
    if unpacked > 4 * Limits().document:
        raise UnsafeArchive(f"{name} unpacks to {unpacked:,} bytes; refused as a possible bomb")


def _lines(document: "Document") -> Iterator[str]:
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block)
            yield ""
        elif block.text.strip():
            yield block.text
            yield ""


def _rows(table: "Table") -> Iterator[str]:
    for row in table.rows:
        cells = dict.fromkeys(cell.text.strip().replace("\n", " ") for cell in row.cells)  # merged cells come twice
        yield " | ".join(cell for cell in cells if cell)


def _described(document: "Document", name: str) -> dict[str, object]:
    stated = document.core_properties
    described = {"title": (stated.title or "").strip() or title_of(name), "date": stated.created or stated.modified}
    return described | ({"metadata": {"author": stated.author}} if stated.author else {})
