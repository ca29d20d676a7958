"""Is the page Map fluid with 100,000 documents? A real browser on the real page, API and node.

python benchmarks/map_page.py [--documents 100000] [--json FILE]

What is drawn is real in number and size, its content is not: vectors around random centres, titles of random words,
written straight to a node of its own, on a map made of them. Needs the extra `insights`, Playwright and Chromium.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Page, WebSocket, expect, sync_playwright

from trivec.encoders import sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.rows import unit_rows
from trivec.evaluation.machine import machine
from trivec.evaluation.own_node import free_port
from trivec.evaluation.own_services import own_services
from trivec.learning import som
from trivec.learning.som import CellNote, SomOptions
from trivec.records import Anomaly, MapPlace, Passage, StoredPassage
from trivec.services import maps
from trivec.services.container import Container
from trivec.services.map_learning import places_of
from trivec.settings import Settings

HERE = Path(__file__).parent
CORPUS, DIMENSION, BATCH = "many", 32, 500
TOPICS = ("money", "war", "trade", "law", "schools", "health", "land", "rail", "navy", "taxes", "rivers", "towns")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PATIENCE = 120_000  # milliseconds
STEPS = 25  # of each gesture


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--json", type=Path, default=HERE / "results" / "map_page.json")
    options = parser.parse_args()
    facts = machine()
    with own_services(Container(Settings())) as (services, _node):
        grid = stored(services, options.documents)
        with pages(services.settings) as address:
            measured = looked_at(address)
    command = f"python benchmarks/map_page.py --documents {options.documents}"
    held = {"command": command, "machine": facts, "documents": options.documents, "grid": grid, **measured}
    options.json.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(held, indent=1))


def stored(services: Container, count: int) -> str:
    """Writes documents with their places and the map they lie on; gives its sides."""
    chance = np.random.default_rng(1)
    centres = chance.normal(size=(200, DIMENSION))
    of = chance.integers(200, size=count)
    vectors = unit_rows((centres[of] + 0.7 * chance.normal(size=(count, DIMENSION))).astype(np.float32)).values
    glove = EncoderSpec(name="glove", family="glove", kind="dense", dimension=DIMENSION)
    generation = services.store.create_generation(CORPUS, [glove, sparse.spec("bm25", average_terms=8.0)])
    model = som.train(vectors, options=SomOptions(projection="pca"))
    model = model.noted(tuple(CellNote((TOPICS[cell % 12], f"topic{cell}"), "") for cell in range(model.grid.cells)))
    with TemporaryDirectory() as folder:
        model.save(Path(folder))
        tags = {maps.VECTOR: "glove", maps.ENCODER: maps.encoder(generation, "glove")}
        parameters, name = {"documents": count}, maps.name(CORPUS)
        reference = services.registry.save(
            name, Path(folder), parameters=parameters, metrics={}, data_hash="", tags=tags
        )
    services.registry.promote(reference, reason="a benchmark")
    services.store.activate(generation)
    opened = maps.Maps(services.registry).open(reference)
    for start in range(0, count, BATCH):
        rows = range(start, min(start + BATCH, count))
        passages = [
            document(row, int(of[row]), place)
            for row, place in zip(rows, places_of(opened, vectors[start : start + BATCH]), strict=True)
        ]
        services.store.upsert(generation, passages, {"glove": unit_rows(vectors[start : start + BATCH])})
    return f"{model.grid.rows} x {model.grid.columns}"


def document(row: int, topic: int, place: MapPlace) -> StoredPassage:
    """One of many, with a title of usual length, a label of twelve, a date and a file of its own."""
    chance = np.random.default_rng(row)
    words = " ".join(f"{TOPICS[at]}{chance.integers(100)}" for at in chance.integers(12, size=6))
    return StoredPassage(
        document_id=f"document-{row:06}",
        passage=Passage(0, f"{words}.", 0, len(words) + 1),
        passages=1,
        title=words.capitalize(),
        date=datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=int(chance.integers(25_000))),
        labels=(TOPICS[topic % 12],),
        source=f"file-{row:06}.txt",
        content_hash=str(row),
        ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
        language="en",
        metadata={},
        place=place,
        anomaly=Anomaly(1.0, float(chance.random()), {}, "many.anomalies:1"),
    )


@contextmanager
def pages(settings: Settings) -> Iterator[str]:
    """The API and the pages; gives the pages' address."""
    addresses = {f"{name}_url": f"http://127.0.0.1:{free_port()}" for name in ("api", "ui")}
    given = {"home": str(settings.home), "qdrant_url": settings.qdrant_url, **addresses}
    environment = os.environ | {f"TRIVEC_{name.upper()}": value for name, value in given.items()}
    with ExitStack() as running:
        for name, health in (
            ("api", addresses["api_url"] + "/v1/corpora"),
            ("ui", addresses["ui_url"] + "/_stcore/health"),
        ):
            process = subprocess.Popen([sys.executable, "-m", "trivec.cli", name], env=environment)
            running.callback(process.wait)
            running.callback(process.terminate)
            wait_for(health)
        yield addresses["ui_url"]


def wait_for(address: str) -> None:
    """Returns when it answers."""
    for _ in range(600):
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


def looked_at(address: str) -> dict[str, object]:
    """What somebody at the page waits for."""
    with sync_playwright() as playwright:
        executable = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page = browser.new_page(viewport={"width": 1360, "height": 1000})
        page.set_default_timeout(PATIENCE)
        received: list[int] = []
        page.on("websocket", lambda socket: count_bytes(socket, received))
        seconds = {"first visit": timed(lambda: opened(page, address))}
        weight = sum(received)
        seconds["next visit"] = timed(lambda: opened(page, address))
        for by in ("Label", "Source", "Date", "Rising or falling"):
            seconds[f"coloured by {by.lower()}"] = timed(partial(coloured, page, by))
        before = sum(received)
        seconds["click on a cell"] = timed(lambda: clicked(page))
        weight_of_click = sum(received) - before
        steps = {
            f"{gesture} the {name}": step_of(page, plot, gesture)
            for plot, name in ((0, "cells"), (1, "documents"))
            for gesture in ("zoom", "pan", "hover over")
        }
        browser.close()
    megabytes = {"first visit": weight / 1e6, "click on a cell": weight_of_click / 1e6}
    return {
        "seconds until drawn": {name: round(value, 2) for name, value in seconds.items()},
        "milliseconds a step": steps,
        "megabytes received": {name: round(value, 2) for name, value in megabytes.items()},
    }


def timed(action: Callable[[], None]) -> float:
    """Seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def count_bytes(socket: WebSocket, received: list[int]) -> None:
    """Counts what the page's server sends."""
    socket.on("framereceived", lambda frame: received.append(len(frame)))


def opened(page: Page, address: str) -> None:
    """Until both charts are there with all their points."""
    page.goto(f"{address}/map?corpus={CORPUS}")
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE)
    settled(page)


def coloured(page: Page, by: str) -> None:
    """Until it is drawn in another colour."""
    box = page.get_by_role("combobox", name="Colour by")
    box.click()
    box.fill(by)
    mark(page)
    box.press("Enter")
    page.wait_for_function("() => !document.querySelectorAll('.js-plotly-plot')[1]?.marked_")
    settled(page)


def clicked(page: Page) -> None:
    """Until a cell's documents are listed."""
    box = page.locator(".js-plotly-plot").nth(0).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.48, box["y"] + box["height"] * 0.5)
    expect(page.locator(".st-key-chosen .map-document").first).to_be_visible(timeout=PATIENCE)
    settled(page)


def mark(page: Page) -> None:
    """Has the chart recognised when it is another one."""
    page.evaluate("() => { document.querySelectorAll('.js-plotly-plot')[1].marked_ = true }")


def settled(page: Page) -> None:
    """Until the script has ended and two frames are drawn."""
    done = "[data-testid=stApp][data-test-script-state=notRunning]"
    expect(page.locator(done)).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .main-svg').length >= 4")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def step_of(page: Page, plot: int, gesture: str) -> dict[str, float]:
    """What a step of a gesture takes: the page's own scripts, and all of it until the picture follows.

    Without a graphics card most of the latter is the browser imitating one.
    """
    box = page.locator(".js-plotly-plot").nth(plot).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    profiler = page.context.new_cdp_session(page)
    profiler.send("Profiler.enable")
    profiler.send("Profiler.start")
    started = time.perf_counter()
    if gesture == "pan":
        page.mouse.down()
    for step in range(STEPS):
        if gesture == "zoom":
            page.mouse.wheel(0, -60 if step < STEPS / 2 else 60)
        else:
            page.mouse.move(x + 4 * step, y + 2 * step)
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if gesture == "pan":
        page.mouse.up()
    seconds = time.perf_counter() - started
    scripts = in_scripts(profiler.send("Profiler.stop")["profile"])
    profiler.detach()
    return {"scripts": round(1000 * scripts / STEPS, 1), "drawn": round(1000 * seconds / STEPS, 1)}


def in_scripts(profile: dict[str, Any]) -> float:
    """Seconds that a profile of Chromium counts for JavaScript and its memory."""
    idle = {
        each["id"]
        for each in profile["nodes"]
        if each["callFrame"]["functionName"] in ("(program)", "(idle)", "(root)")
    }
    pairs = zip(profile["samples"], profile["timeDeltas"], strict=True)
    return sum(spent for node, spent in pairs if node not in idle) / 1e6


if __name__ == "__main__":
    main()
