"""PDF: one document per file, its pages' text joined, title and date from its metadata."""

import io
import re
from typing import TYPE_CHECKING

from trivec.errors import BadInput, MissingExtra
from trivec.sources.base import BadRow, Row, Rows
from trivec.sources.plain import title_of
from trivec.sources.streams import seekable

if TYPE_CHECKING:
    from pypdf import PdfReader

_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[a-z])")
_NO_TITLE = re.compile(r"untitled|microsoft \w+ - .*|.*\.(?:docx?|tex|dvi|indd|pdf|qxd)", re.IGNORECASE)


def read_pdf(stream: io.BufferedReader, name: str) -> Rows:
    """The file as one row; a page that cannot be read is left out and reported under its number."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise MissingExtra("pypdf", "sources") from error
    damages = (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        NotImplementedError,
    )
    with seekable(stream) as file:
        try:
            reader = PdfReader(file)
            locked = reader.is_encrypted and not reader.decrypt("")
            count = 0 if locked else len(reader.pages)
        except damages as error:
            raise BadInput(f"{name} cannot be read as a PDF: {error}") from error
        if locked:
            raise BadInput(f"{name} is encrypted; save it without a password")
        pages = []
        for number in range(1, count + 1):
            try:
                pages.append(reader.pages[number - 1].extract_text())
            except damages as error:
                yield BadRow(number, f"page {number} cannot be read: {error}")
        text = _HYPHENATED.sub("", "\n\n".join(pages))
        if not text.strip():
            raise BadInput(f"{name} holds no text on its {count} pages; if it is scanned, run it through OCR first")
        yield Row(1, {"text": text, **_described(reader, name)})


def _described(reader: "PdfReader", name: str) -> dict[str, object]:
    """What the file says of itself, as far as that can be read."""
    stated = reader.metadata
    title = str(stated.title or "").strip() if stated else ""
    described: dict[str, object] = {"title": title if title and not _NO_TITLE.fullmatch(title) else title_of(name)}
    if stated is None:
        return described
    try:
        described["date"] = stated.creation_date
    except ValueError:  # malformed dates are common, and not worth losing a text for
        described["date"] = None
    return described | ({"metadata": {"author": str(stated.author)}} if stated.author else {})
