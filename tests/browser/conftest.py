"""A real browser in front of everything that `trivec up` starts."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.processes import free_port

SCREENSHOTS = Path(__file__).parent / "screenshots"
expect.set_options(timeout=90_000)  # milliseconds; the first question loads the models, maybe on a busy machine
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium, gone before other tests: Playwright keeps an event loop running in this thread."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no chromium on this machine; infra/system-packages.sh installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window, large enough for a screenshot worth showing."""
    context = browser.new_context(viewport={"width": 1360, "height": 950}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(90_000)
    yield page
    context.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where screenshots are kept for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS


@pytest.fixture(scope="session")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home and ports of its own for everything that `trivec up` starts."""
    return {
        "TRIVEC_HOME": str(tmp_path_factory.mktemp("home")),
        "TRIVEC_QDRANT_URL": f"http://127.0.0.1:{free_port()}",
        "TRIVEC_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "TRIVEC_API_URL": f"http://127.0.0.1:{free_port()}",
        "TRIVEC_UI_URL": f"http://127.0.0.1:{free_port()}",
    }


@pytest.fixture(scope="session")
def stack(addresses: dict[str, str]) -> Iterator[str]:
    """The address of the pages, while everything that `trivec up` starts is there."""
    home, ui = Path(addresses["TRIVEC_HOME"]), addresses["TRIVEC_UI_URL"]
    with (home / "up.log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "trivec.cli", "up"], env=os.environ | addresses, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(f"{ui}/_stcore/health", up, log=home / "up.log")
        yield ui
    finally:
        up.terminate()
        up.wait(timeout=60)


@pytest.fixture(scope="session")
def api(stack: str, addresses: dict[str, str]) -> Iterator[httpx.Client]:
    """The API behind the pages."""
    assert stack
    with httpx.Client(base_url=addresses["TRIVEC_API_URL"], timeout=60) as client:
        yield client


def wait_for(url: str, process: subprocess.Popen[bytes], *, log: Path, seconds: float = 120) -> None:
    """Until the address answers; fails with the log when the process ends or time does."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"{url} does not answer:\n{log.read_text()[-3000:]}")
