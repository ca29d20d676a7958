"""What an analyst does: drops in a CSV, watches it go in, searches it, opens a document."""

import csv
import re
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import choose, settle
from trivec.records import Document
from trivec.sources.demo import sotu_documents

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 120_000  # milliseconds; the first job of a session loads the models


@pytest.fixture(scope="session")
def speeches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred paragraphs of presidential messages, spread over two centuries, and one broken row."""
    path = tmp_path_factory.mktemp("csv") / "speeches.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "headline", "body", "published", "labels"])
        writer.writerows(row(document) for document in islice(sotu_documents(), 0, 30_000, 70))
        writer.writerow(["broken", "A day that never was", "Text of a row whose date is none.", "31 February", ""])
    return path


def row(document: Document) -> list[str]:
    date = f"{document.date:%Y-%m-%d}" if document.date else ""
    return [document.id, document.title, document.text, date, "/".join(document.labels)]


def test_a_csv_goes_in_and_its_text_is_found(stack: str, page: Page, speeches: Path, screenshots: Path) -> None:
    page.goto(f"{stack}/add_documents")
    page.locator("input[type=file]").set_input_files(speeches)
    expect(page.get_by_text("First rows")).to_be_visible()
    choose(page, "Corpus", "speeches")
    page.screenshot(path=screenshots / "add-documents-preview.png")
    page.get_by_role("button", name="Add to corpus").click()
    expect(page.get_by_text(re.compile("speeches: done"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Rejects")).to_be_visible()
    page.screenshot(path=screenshots / "add-documents-done.png", full_page=True)

    with page.expect_download() as download:
        page.get_by_role("button", name="Rejects").click()
    assert "31 February" in Path(download.value.path()).read_text()

    page.goto(f"{stack}/?corpus=speeches&q=ships+of+the+navy")
    expect(page.locator(".hit").first).to_contain_text("navy", ignore_case=True)
    expect(page.locator(".hit mark").first).to_be_visible()
    expect(page.locator(".hit .badge").first).to_be_visible()
    settle(page)
    page.screenshot(path=screenshots / "search.png")

    page.get_by_role("button", name="Document").first.click()
    expect(page.get_by_role("dialog").locator(".full-text .passage")).to_be_visible()
    page.screenshot(path=screenshots / "document.png")


def test_filters_narrow_the_hits(stack: str, page: Page) -> None:
    page.goto(f"{stack}/?corpus=speeches&q=war")
    expect(page.locator(".hit").first).to_be_visible()
    settle(page)
    before = page.locator(".summary").inner_text()
    for part, value in (("year", "1850"), ("month", "01"), ("day", "01")):
        page.get_by_role("spinbutton", name=f"{part}, To").click()
        page.keyboard.type(value)
    page.keyboard.press("Escape")  # closes the calendar, which takes the date
    expect(page.locator(".summary")).not_to_have_text(before)
    settle(page)  # the summary is drawn before the hits
    years = re.findall(r"\b(1[789]\d\d|20\d\d)\b", " ".join(page.locator(".hit-meta").all_inner_texts()))
    assert years
    assert max(int(year) for year in years) <= 1850


def test_a_question_without_an_answer_says_so(stack: str, page: Page) -> None:
    page.goto(f"{stack}/?corpus=speeches&q=%22flux+capacitor+zeppelin%22")
    expect(page.get_by_text("No document matches")).to_be_visible()


def test_markup_in_a_question_stays_text(stack: str, page: Page) -> None:
    page.goto(f"{stack}/?corpus=speeches&q=%3Cimg+src%3Dx+onerror%3Ddocument.title%3D%27pwned%27%3E+treaty")
    expect(page.locator(".hit").first).to_be_visible()
    assert page.title() != "pwned"
