"""What somebody with labels does: trains a classifier, asks it, compares its versions, lets another one serve."""

import re
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import settle
from tests.support.processes import wait_until
from trivec.sources.demo import sotu_documents

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 240_000  # milliseconds; a worker loads torch before it trains
CORPUS, UNLABELLED = "presidents", "unlabelled"
WHO = (
    "James Monroe",
    "Grover Cleveland",
    "Chester A. Arthur",
    "Jimmy Carter",
    "Ronald Reagan",
    "Donald J. Trump",
)
EACH = 25  # short paragraphs of each
TALKS = (
    "Our arms talks with the Soviet Union go on, and the strength of our nuclear forces and of our allies keeps the "
    "peace while inflation comes down and jobs come back."
)


def paragraphs() -> list[dict[str, Any]]:
    """Short paragraphs of six presidents, labelled with era, party and name; without their titles, which tell."""
    found = defaultdict(list)
    for document in sotu_documents():
        if document.labels[-1] in WHO and 25 <= len(document.text.split()) <= 80:
            found[document.labels[-1]].append(document)
    spread = (islice(found[who], 0, None, max(1, len(found[who]) // EACH)) for who in WHO)
    chosen = (document for documents in spread for document in islice(documents, EACH))
    return [{"id": each.id, "text": each.text, "labels": list(each.labels)} for each in chosen]


@pytest.fixture(scope="module")
def labelled(stack: str, api: httpx.Client) -> str:
    """The address of the pages, with a corpus that has labels and one that has none."""
    documents = paragraphs()
    sent = [
        api.post("/v1/documents", json={"corpus": CORPUS, "documents": documents}),
        api.post("/v1/documents", json={"corpus": UNLABELLED, "documents": [{"id": "a", "text": "No label here."}]}),
    ]
    jobs = [answer.raise_for_status().json()["id"] for answer in sent]
    wait_until(
        lambda: all(api.get(f"/v1/jobs/{job}").json()["state"] == "done" for job in jobs),
        seconds=PATIENCE / 1000,
        what="documents stored",
    )
    return stack


@pytest.fixture(scope="module")
def classifier(labelled: str, api: httpx.Client) -> str:
    """The address of the pages, with a classifier that serves, whoever trained it."""
    if served(api) is None:
        api.post("/v1/learning", json={"kind": "taxonomy", "corpus": CORPUS, "parameters": {"tune": ""}})
    wait_until(lambda: served(api), seconds=PATIENCE / 1000, what="a classifier that serves")
    return labelled


def served(api: httpx.Client) -> str | None:
    models = api.get("/v1/models").json()["models"]
    return next((model["champion"] for model in models if model["name"] == f"{CORPUS}.taxonomy"), None)


def train_quickly(page: Page) -> None:
    """Has a classifier trained without an encoder of its own."""
    page.get_by_text("Fine-tune a sentence encoder").click()
    settle(page)
    page.get_by_role("button", name="Train the classifier").click()


def test_a_corpus_without_labels_says_what_is_missing(labelled: str, page: Page) -> None:
    page.goto(f"{labelled}/classify?corpus={UNLABELLED}")
    expect(page.get_by_text("carry no labels")).to_be_visible()
    expect(page.get_by_role("button", name="Train the classifier")).to_have_count(0)


def test_a_classifier_is_trained_from_the_page_and_places_a_text(
    labelled: str, api: httpx.Client, page: Page, screenshots: Path
) -> None:
    page.set_viewport_size({"width": 1360, "height": 1150})
    page.goto(f"{labelled}/classify?corpus={CORPUS}")
    expect(page.get_by_text("no classifier yet")).to_be_visible()
    train_quickly(page)
    expect(page.get_by_text(f"Classifier of {CORPUS}: ")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()

    text = page.get_by_placeholder("Paste a text")
    expect(text).to_be_visible(timeout=PATIENCE)  # by itself, once a version serves
    assert served(api) == f"{CORPUS}.taxonomy:1"
    text.fill(TALKS)
    page.get_by_role("button", name="Classify", exact=True).last.click()
    expect(page.locator(".verdict-path")).to_contain_text("Cold War")
    expect(page.locator(".tree .chosen").first).to_contain_text("Cold War")
    expect(page.locator(".tree .other").first).to_be_visible()
    expect(page.locator(".example-labels b").first).to_have_text("Cold War")
    settle(page)
    page.screenshot(path=screenshots / "classify.png")


def test_documents_of_the_corpus_are_found_and_classified(classifier: str, page: Page, screenshots: Path) -> None:
    page.set_viewport_size({"width": 1360, "height": 1150})
    page.goto(f"{classifier}/classify?corpus={CORPUS}")
    page.get_by_text("Documents of the corpus").click()
    page.get_by_label("Find documents").fill("nuclear weapons of the Soviet Union")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"^\d+ found$"))).to_be_visible()
    settle(page)
    box = page.get_by_role("combobox", name="Documents")
    box.click()
    page.get_by_role("option", name=re.compile("Reagan|Carter")).first.click()
    expect(page.locator(".verdict-path")).to_be_visible()
    expect(page.get_by_text("Its own labels: Cold War")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)  # it fades
    settle(page)
    page.screenshot(path=screenshots / "classify-documents.png")

    box.fill("nobody-wrote-this")
    box.press("Enter")
    page.keyboard.press("Escape")  # the open list hides all else from whoever looks by role
    expect(page.get_by_role("alert")).to_contain_text("nobody-wrote-this")
    expect(page.locator(".verdict-path")).to_have_count(1)


def test_a_version_is_promoted_with_a_reason_and_rolled_back(
    classifier: str, api: httpx.Client, page: Page, screenshots: Path
) -> None:
    name = f"{CORPUS}.taxonomy"
    page.set_viewport_size({"width": 1360, "height": 1500})
    page.goto(f"{classifier}/models?model={name}")
    expect(page.locator(".versions tbody tr")).to_have_count(1)
    train_quickly(page)
    expect(page.locator(".versions tbody tr")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".decisions .refuse")).to_contain_text("not better than")  # the same again is no progress
    expect(page.locator(".versions .champion")).to_contain_text("1serves")

    page.get_by_role("button", name="Promote a version").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Read by two of us: kinder to the Federalists")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".versions .champion")).to_contain_text("2serves")
    expect(page.locator(".decisions li").first).to_contain_text("kinder to the Federalists")
    assert served(api) == f"{name}:2"

    page.get_by_role("button", name="Roll back").click()
    expect(dialog).to_contain_text(f"{name}:1 served before")
    dialog.get_by_role("button", name="Roll back now").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".versions .champion")).to_contain_text("1serves")
    expect(page.locator(".decisions li").first).to_contain_text("Rolled back to version 1")
    assert served(api) == f"{name}:1"
    expect(page.get_by_text(f"{name}:1 serves again")).to_be_visible()
    settle(page)
    page.screenshot(path=screenshots / "models.png")


def test_learning_is_stopped_from_the_page(classifier: str, api: httpx.Client, page: Page) -> None:
    page.goto(f"{classifier}/models?model={CORPUS}.taxonomy")
    page.get_by_role("button", name="Train the fused vector").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=PATIENCE)
    last = api.get("/v1/learning").json()["jobs"][0]
    assert (last["kind"], last["state"]) == ("fusion", "cancelled")
