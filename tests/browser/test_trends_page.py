"""What an analyst does on the page Trends: draws topics, looks at forecasts and their tests, asks for a report."""

import random
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.pages import choose, settle, store

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 240_000  # milliseconds; a worker loads statsmodels before it forecasts
CORPUS = "farmers"
WORDS = ["wheat", "corn", "barley", "rye", "oats", "hay", "clover", "straw"]


def documents() -> list[dict[str, Any]]:
    """Eight notes in each of thirty years, most speak of tractors from 1921 on; and one with a date that is none."""
    chance = random.Random(1)
    made: list[dict[str, Any]] = [
        {"id": "stray", "text": "The farmers slept.", "labels": ["farm"], "date": "1600-01-01"}
    ]
    for year in range(1900, 1930):
        for number in range(8):
            said = chance.sample(WORDS, 4)
            said += ["tractors"] if year >= 1921 and chance.random() < 0.7 else []
            text = f"The farmers brought in {', '.join(said)}."
            made.append(
                {"id": f"{year}-{number}", "text": text, "labels": ["farm"], "date": f"{year}-0{number + 1}-15"}
            )
    return made


@pytest.fixture(scope="module")
def dated(stack: str, api: httpx.Client) -> str:
    """The address of the pages, with a corpus of thirty years."""
    store(api, CORPUS, documents(), seconds=PATIENCE / 1000)
    return stack


def test_a_topic_is_drawn_with_its_forecast_its_test_and_its_change(dated: str, page: Page, screenshots: Path) -> None:
    page.goto(f"{dated}/trends?corpus={CORPUS}")
    terms = page.get_by_role("combobox", name="Terms")
    terms.fill("tractors")
    terms.press("Enter")
    card = page.locator(".trend-card")
    expect(card).to_contain_text("1930: ", timeout=PATIENCE)
    expect(card).to_contain_text("repeating the last value (")
    expect(card).to_contain_text("the mean (")
    expect(page.get_by_text("1 document with a date far from all others is left out.")).to_be_visible()
    expect(card).to_contain_text("Changed level: 1921 (0.00 % → ")
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).not_to_have_count(0)
    with page.expect_download() as download:
        page.get_by_text("Series as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "topic,period,count,total,value,partial"
    [year] = [line for line in lines if line.startswith("term:tractors,1905,")]
    assert year == "term:tractors,1905,0,8,0.0,False"
    assert len(lines) == 1 + 30
    page.get_by_text("Past forecasts").click()
    settle(page)
    page.screenshot(path=screenshots / "trends.png", full_page=True)


def test_labels_that_were_predicted_and_cells_are_topics_and_dates_say_where_series_begin(
    dated: str, page: Page, screenshots: Path
) -> None:
    page.goto(f"{dated}/trends?corpus={CORPUS}")
    choose(page, "^Labels", "farm")
    page.keyboard.press("Escape")  # an open list hides the other boxes
    card = page.locator(".trend-card")
    expect(card).to_have_count(1, timeout=PATIENCE)
    expect(card).to_contain_text("label farm")
    choose(page, "Predicted labels", "tools")
    page.keyboard.press("Escape")
    choose(page, "Cells of the map", "17")
    page.keyboard.press("Escape")
    expect(card).to_have_count(3)
    expect(card.nth(1)).to_contain_text("predicted tools")
    expect(card.nth(2)).to_contain_text("cell 17")
    expect(card.nth(2)).to_contain_text("No forecast: no text has this topic.")
    apart = page.get_by_text("1 document with a date far from all others is left out.")
    expect(apart).to_be_visible()
    page.get_by_role("spinbutton", name="year, From").click()
    page.keyboard.type("19100101", delay=50)
    page.keyboard.press("Escape")
    expect(apart).to_have_count(0)  # it lies before what was asked for
    settle(page)
    with page.expect_download() as download:
        page.get_by_text("Series as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:21]] == [str(year) for year in range(1910, 1930)]
    page.screenshot(path=screenshots / "trends-topics.png", full_page=True)


def test_a_report_is_asked_for_and_tells_what_came_and_went(dated: str, page: Page, screenshots: Path) -> None:
    page.goto(f"{dated}/trends?corpus={CORPUS}")
    page.get_by_text("Terms that come and go").click()
    page.get_by_role("button", name="Train the report of trends").click()
    expect(page.get_by_text("5 % at most is expected to be chance")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("1 document with a date far from all others is left out.")).to_be_visible()
    expect(page.get_by_text("Emerging")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    settle(page)
    page.screenshot(path=screenshots / "trends-terms.png", full_page=True)


def test_how_a_topic_moved_is_drawn_and_a_word_without_enough_text_is_refused(
    dated: str, page: Page, screenshots: Path
) -> None:
    page.goto(f"{dated}/trends?corpus={CORPUS}")
    page.get_by_text("How meanings move").click()
    topic = page.get_by_role("textbox", name="Topic")
    topic.fill("wheat")
    topic.press("Enter")
    expect(page.get_by_text("where it is heading")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("too little dated text")).to_be_visible()
    settle(page)
    page.screenshot(path=screenshots / "trends-drift.png", full_page=True)
    choose(page, "Kind", "a label")
    choose(page, "Topic", "farm")
    settle(page)
    expect(page.get_by_text("where it is heading")).to_be_visible(timeout=PATIENCE)
