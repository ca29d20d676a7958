"""What an analyst does on the page Anomalies: has it learned, asks why, marks, judges a text of her own."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.core.api.test_anomalies import CORPUS, documents
from tests.support.pages import settle, store

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 240_000  # milliseconds


@pytest.fixture(scope="module")
def filled(stack: str, api: httpx.Client) -> str:
    """The address of the pages, with a corpus that holds one odd document."""
    store(api, CORPUS, documents(), seconds=PATIENCE / 1000)
    return stack


def test_the_oddest_document_is_explained_and_marked_and_a_text_is_judged(
    filled: str, page: Page, screenshots: Path
) -> None:
    page.goto(f"{filled}/anomalies?corpus={CORPUS}")
    page.get_by_role("button", name="Train the anomaly model").click()
    first = page.locator(".st-key-odd-1")
    expect(first).to_contain_text("FREE iguana", timeout=PATIENCE)
    expect(first).to_contain_text("form")
    first.get_by_role("button", name="Why?").click()
    expect(first.locator("mark").first).to_be_visible(timeout=PATIENCE)
    expect(first).to_contain_text("Nearest usual passages")
    settle(page)
    page.screenshot(path=screenshots / "anomalies.png", full_page=True)
    first.get_by_role("button", name="Fine").click()
    expect(page.locator(".st-key-odd-1")).not_to_contain_text("FREE iguana")
    page.get_by_text("A text", exact=True).click()
    page.get_by_placeholder("Paste a text").fill("The loan and the debt of row 9 were a vault.")
    page.get_by_role("button", name="Judge").click()
    expect(page.get_by_text("of usual texts of this length are as unusual")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("Near-duplicates", exact=True).click()
    expect(page.get_by_text("groups of documents that share most")).to_be_visible()
