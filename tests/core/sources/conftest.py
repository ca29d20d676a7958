"""What the tests of sources share: reading a file that is written on the spot, and a PDF made by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from trivec.records import Document, RejectedRow
from trivec.sources.catalog import read
from trivec.sources.mapping import ColumnMapping


@dataclass(frozen=True)
class Outcome:
    """What came of a source."""

    documents: list[Document]
    rejects: list[RejectedRow]

    @property
    def texts(self) -> list[str]:
        return [document.text for document in self.documents]

    @property
    def ids(self) -> list[str]:
        return [document.id for document in self.documents]

    @property
    def reasons(self) -> list[str]:
        return [reject.reason for reject in self.rejects]

    @property
    def lines(self) -> list[int]:
        return [reject.line for reject in self.rejects]


Ingest = Callable[..., Outcome]


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    """Writes content under a name and reads it."""

    def run(name: str, content: str | bytes, mapping: ColumnMapping | None = None) -> Outcome:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return outcome(path, mapping)

    return run


def outcome(path: Path, mapping: ColumnMapping | None = None) -> Outcome:
    """Everything in a source."""
    rejects: list[RejectedRow] = []
    return Outcome(list(read(path, mapping=mapping, rejects=rejects.append)), rejects)


@pytest.fixture(name="outcome")
def outcome_fixture() -> Callable[..., Outcome]:
    return outcome


def pdf_of(pages: list[str], title: str = "", date: str = "") -> bytes:
    """A small valid PDF, one line of Helvetica a page."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        content = f"BT /F1 12 Tf 72 720 Td ({page}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.append(f"<< /Title ({title}) /CreationDate ({date}) /Author (A. Author) >>")
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
    trailer += f"<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + trailer.encode()


@pytest.fixture(name="pdf_of")
def pdf_fixture() -> Callable[..., bytes]:
    return pdf_of
