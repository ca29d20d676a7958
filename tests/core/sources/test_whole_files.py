"""Files that are one document each: plain text, Markdown, HTML, PDF, Word."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trivec.errors import BadInput, UnknownFormat

Ingest = Callable  # type: ignore[type-arg]

PAGE = """<!doctype html><html><head><title>Site | Page</title><meta property="og:title" content="The Page">
<meta name="date" content="soon"><meta property="article:published_time" content="2021-03-04T05:06:07Z">
<style>p {color: red}</style><script>alert("no")</script></head><body><nav>Home About</nav>
<article><h1>The Page</h1><p>First   paragraph
with a <b>bold</b>&nbsp;word.</p><ul><li>one</li><li>two</li></ul>
<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td><td>7</td></tr></table>
<pre>a
  b</pre></article><footer>Imprint</footer></body></html>"""


def test_a_text_file_is_one_document(ingest: Ingest) -> None:
    (document,) = ingest("my_notes.txt", "Line one\n\nLine two\n").documents
    assert (document.id, document.title, document.source) == ("my_notes.txt", "my notes", "my_notes.txt")
    assert document.text == "Line one\n\nLine two\n"


def test_html_is_read_as_a_person_reads_it(ingest: Ingest) -> None:
    (document,) = ingest("page.html", PAGE).documents
    assert document.title == "The Page"
    assert document.date == datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
    expected = "The Page\n\nFirst paragraph with a bold word.\n\n- one\n\n- two\n\nName | Age\n\nAnn | 7\n\na\nb"
    assert document.text.replace("\n\n", "\n") == expected.replace("\n\n", "\n")


def test_html_in_an_old_encoding(ingest: Ingest) -> None:
    page = '<html><head><meta charset="windows-1252"></head><body><p>café d’été</p></body></html>'
    assert ingest("page.htm", page.encode("cp1252")).texts == ["café d’été"]


def test_html_that_is_no_html_is_still_text(ingest: Ingest) -> None:
    assert ingest("page.html", "just words").texts == ["just words"]


def test_markdown_loses_its_marks(ingest: Ingest) -> None:
    content = "---\ntitle: From above\ndate: 2020-02-03\n---\n# Heading\n\nSome *soft* [link](http://x.y).\n"
    content += "\n- a\n- b\n\n| h1 | h2 |\n|----|----|\n| c1 | c2 |\n\n```\ncode <b>\n```\n"
    (document,) = ingest("note.md", content).documents
    assert document.title == "From above"
    assert document.date == datetime(2020, 2, 3, tzinfo=UTC)
    for part in ("Heading\n", "Some soft link.", "- a\n", "h1 | h2\n", "c1 | c2\n", "code <b>"):
        assert part in document.text


def test_a_first_heading_is_the_title(ingest: Ingest) -> None:
    assert ingest("note.md", "# Heading\n\ntext").documents[0].title == "Heading"


def test_pdf_pages_are_joined(ingest: Ingest, pdf_of: Callable[..., bytes]) -> None:
    content = pdf_of(["First page.", "Second page."], "A Title", "D:20200102030405+01'00'")
    (document,) = ingest("paper.pdf", content).documents
    assert document.text == "First page.\n\nSecond page."
    assert document.title == "A Title"
    assert document.date == datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert document.metadata == {"author": "A. Author"}


def test_a_pdf_without_properties_is_called_by_its_name(ingest: Ingest, pdf_of: Callable[..., bytes]) -> None:
    (document,) = ingest("the_paper.pdf", pdf_of(["Text."], "Microsoft Word - x.doc", "nonsense")).documents
    assert (document.title, document.date) == ("the paper", None)


def test_a_scanned_pdf_says_that_it_holds_no_text(ingest: Ingest, pdf_of: Callable[..., bytes]) -> None:
    with pytest.raises(BadInput, match="OCR"):
        ingest("scan.pdf", pdf_of([""]))


def test_an_encrypted_pdf_says_so(ingest: Ingest, pdf_of: Callable[..., bytes], tmp_path: Path) -> None:
    from pypdf import PdfWriter

    (tmp_path / "plain.pdf").write_bytes(pdf_of(["Secret."]))
    writer = PdfWriter(clone_from=tmp_path / "plain.pdf")
    writer.encrypt("password", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(BadInput, match="encrypted"):
        ingest("copy.pdf", (tmp_path / "locked.pdf").read_bytes())


def test_word_paragraphs_and_tables_come_in_order(tmp_path: Path, outcome: Callable) -> None:  # type: ignore[type-arg]
    import docx

    word = docx.Document()
    word.add_heading("Report", 1)
    word.add_paragraph("Before the table.")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "abcd", strict=True):
        cell.text = text
    word.add_paragraph("After the table.")
    word.core_properties.title = "Yearly report"
    word.core_properties.author = "Ann"
    word.core_properties.created = datetime(2019, 8, 7, 6, 5, 4)
    word.save(str(tmp_path / "report.docx"))
    (document,) = outcome(tmp_path / "report.docx").documents
    assert document.text.split() == [
        "Report",
        "Before",
        "the",
        "table.",
        "a",
        "|",
        "b",
        "c",
        "|",
        "d",
        "After",
        "the",
        "table.",
    ]
    assert (document.title, document.metadata) == ("Yearly report", {"author": "Ann"})
    assert document.date == datetime(2019, 8, 7, 6, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.parquet"])
def test_a_corrupt_file_is_an_error_that_names_it(ingest: Ingest, name: str) -> None:
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        ingest(name, b"PK\x03\x04 this is not what it says")


def test_an_unknown_kind_is_named_with_those_known(ingest: Ingest) -> None:
    with pytest.raises(UnknownFormat, match=r"a\.xyz.*\.csv"):
        ingest("a.xyz", "text")
