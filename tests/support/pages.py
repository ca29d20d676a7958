"""What tests do with pages in a browser."""

import re

from playwright.sync_api import Page, expect


def choose(page: Page, label: str, option: str) -> None:
    """Types an option into a select box and takes it."""
    box = page.get_by_role("combobox", name=re.compile(label))
    box.click()
    box.fill(option)
    box.press("Enter")


def settle(page: Page) -> None:
    """Waits until Streamlit has drawn the whole page."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
