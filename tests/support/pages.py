"""What tests do with pages in a browser, and with the API behind them."""

import re
from collections.abc import Sequence

import httpx
from playwright.sync_api import Page, expect

from tests.support.processes import wait_until


def store(api: httpx.Client, corpus: str, documents: Sequence[object], *, seconds: float) -> None:
    """Sends documents as soon as the API answers (the pages may be there first), and waits until they are stored."""
    wait_until(lambda: _answers(api), seconds=seconds, what="the API answers")
    sent = api.post("/v1/documents", json={"corpus": corpus, "documents": documents}).raise_for_status()
    job = f"/v1/jobs/{sent.json()['id']}"
    wait_until(lambda: api.get(job).json()["state"] == "done", seconds=seconds, what="documents stored")


def choose(page: Page, label: str, option: str) -> None:
    """Types an option into a select box and takes it."""
    box = page.get_by_role("combobox", name=re.compile(label))
    box.click()
    box.fill(option)
    box.press("Enter")


def settle(page: Page) -> None:
    """Waits until Streamlit has drawn the whole page."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


def _answers(api: httpx.Client) -> bool:
    try:
        return api.get("/v1/corpora").is_success
    except httpx.TransportError:
        return False
