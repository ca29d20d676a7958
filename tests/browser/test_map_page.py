"""What an analyst does with a map: has it made, colours it, clicks, lassoes, hovers, asks, searches within, exports."""

import csv
import re
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.pages import choose, settle, store
from tests.support.processes import wait_until
from trivec.sources.demo import sotu_documents

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 240_000  # milliseconds
CORPUS = "centuries"
IN_HAND = "e => e._fullLayout.dragmode === 'lasso' && e._fullLayout.clickmode === 'event'"
STRIDE = 150  # one paragraph of so many


def paragraphs() -> list[dict[str, Any]]:
    """Paragraphs spread over two centuries, labelled with era, party and president."""
    chosen = islice(sotu_documents(), 0, None, STRIDE)
    return [
        {
            "id": each.id,
            "title": each.title,
            "text": each.text,
            "labels": list(each.labels),
            "date": f"{each.date:%Y-%m-%d}" if each.date else None,
        }
        for each in chosen
    ]


@pytest.fixture(scope="module")
def stored(stack: str, api: httpx.Client) -> str:
    """The address of the pages, with a corpus that has no map yet."""
    store(api, CORPUS, paragraphs(), seconds=PATIENCE / 1000)
    return stack


@pytest.fixture(scope="module")
def mapped(stored: str, api: httpx.Client) -> str:
    """The same with a map, whoever asked for it."""
    if api.get("/v1/map", params={"corpus": CORPUS}).is_error:
        api.post("/v1/learning", json={"kind": "map", "corpus": CORPUS, "parameters": {"projection": "pca"}})
    wait_until(lambda: api.get("/v1/map", params={"corpus": CORPUS}).is_success, seconds=PATIENCE / 1000, what="a map")
    return stored


def opened(page: Page, address: str) -> tuple[Locator, Locator]:
    """The sheet and the cloud of the corpus's map, drawn."""
    page.goto(f"{address}/map?corpus={CORPUS}")
    plots = page.locator(".js-plotly-plot")
    expect(plots).to_have_count(2)
    settle(page)
    return plots.nth(0), plots.nth(1)


def at(plot: Locator, trace: str, number: int) -> tuple[float, float]:
    """Where on the screen a point of a trace is: by its name, and its place in the trace."""
    x, y = plot.evaluate(
        """(e, [name, n]) => {
            const trace = e._fullData.find(each => each.name === name), box = e.getBoundingClientRect();
            const {xaxis, yaxis} = e._fullLayout;
            return [box.x + xaxis._offset + xaxis.l2p(trace.x[n]), box.y + yaxis._offset + yaxis.l2p(trace.y[n])];
        }""",
        [trace, number],
    )
    return float(x), float(y)


def test_a_map_is_made_from_the_page(stored: str, api: httpx.Client, page: Page) -> None:
    page.goto(f"{stored}/map?corpus={CORPUS}")
    expect(page.get_by_text("has no map yet")).to_be_visible()
    page.get_by_role("button", name="Train the map").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE)  # by itself, once a map serves
    assert api.get("/v1/map", params={"corpus": CORPUS}).json()["placed"] == len(paragraphs())


def test_a_click_opens_a_cell_that_is_searched_and_exported(
    mapped: str, api: httpx.Client, page: Page, screenshots: Path
) -> None:
    page.set_viewport_size({"width": 1360, "height": 1350})
    sheet, _ = opened(page, mapped)
    choose(page, "Colour by", "Label")
    expect(sheet.locator(".legend")).to_contain_text("Cold War")
    settle(page)
    cells = api.get("/v1/map", params={"corpus": CORPUS}).json()["cells"]
    fullest = max(cells, key=lambda cell: cell["count"])
    x, y = at(sheet, "cells", fullest["number"])
    page.mouse.move(x, y)
    expect(sheet.locator(".hoverlayer")).to_contain_text(f"{fullest['count']} documents")
    page.mouse.click(x, y)
    chosen = page.locator(".st-key-chosen")
    expect(chosen).to_contain_text(f"Cell {fullest['number']} · {fullest['count']} documents")
    expect(chosen.locator(".map-words")).to_contain_text(fullest["words"][0])
    settle(page)
    page.screenshot(path=screenshots / "map-cell.png")

    with page.expect_download() as download:
        chosen.get_by_role("button", name="Export").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert len({row["document_id"] for row in rows}) == fullest["count"]

    chosen.get_by_label("Search in here").fill("the people")
    page.keyboard.press("Enter")
    expect(chosen.locator(".hit .badge").first).to_be_visible()
    settle(page)
    assert chosen.locator(".hit").count() <= fullest["count"]


def test_a_lasso_takes_many_cells_and_many_documents(mapped: str, page: Page) -> None:
    for number in (0, 1):
        plot = opened(page, mapped)[number]
        plot.locator("[data-title='Lasso Select']").click()
        wait_until(lambda plot=plot: plot.evaluate(IN_HAND), what="the lasso")  # type: ignore[misc]
        box = plot.bounding_box()
        assert box is not None
        corners = [(0.25, 0.3), (0.8, 0.3), (0.8, 0.7), (0.25, 0.7), (0.25, 0.32)]
        path = [(box["x"] + across * box["width"], box["y"] + down * box["height"]) for across, down in corners]
        page.mouse.move(*path[0])
        page.mouse.down()
        for x, y in path[1:]:
            page.mouse.move(x, y, steps=8)
        page.mouse.up()
        expect(page.locator(".st-key-chosen h4")).to_have_text(
            re.compile(r"\d+ cells · \d+ documents" if number == 0 else r"^\d+ documents")
        )
        expect(page.locator(".st-key-chosen .map-document").first).to_be_visible()


def test_a_question_lights_up_where_its_answers_lie(mapped: str, page: Page, screenshots: Path) -> None:
    sheet, cloud = opened(page, mapped)
    page.get_by_label("Light up answers to").fill("the soviet union and nuclear weapons")
    page.keyboard.press("Enter")
    expect(page.get_by_text("results lit up")).to_be_visible()
    for plot in (sheet, cloud):
        expect(plot.locator(".legend")).to_contain_text("results")
    settle(page)
    page.screenshot(path=screenshots / "map-question.png")


def test_topics_that_rise_and_fall_have_colours_of_their_own(mapped: str, page: Page, screenshots: Path) -> None:
    sheet, cloud = opened(page, mapped)
    for by, ticks in (("Older or newer", ("older", "newer")), ("Rising or falling", ("÷", "no clear", "×"))):
        choose(page, "Colour by", by)
        for tick in ticks:
            expect(sheet).to_contain_text(tick)
        settle(page)
        expect(cloud.locator("canvas").first).to_be_visible()
    page.screenshot(path=screenshots / "map-trend.png")
