"""The API as it is served: uvicorn over the real container, node, Redis and worker; and a small corpus."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from tests.support.processes import Stack, free_port, wait_until
from trivec.api.app import create_app
from trivec.services.container import Container

CORPUS = "messages"
DOCUMENTS = [
    {"id": "gold", "title": "On gold", "text": "The gold standard fixes the value of the dollar in gold."},
    {"id": "silver", "title": "On silver", "text": "Free coinage of silver would raise prices, farmers say."},
    {"id": "navy", "title": "On the navy", "text": "The navy needs steel cruisers, docks and trained sailors."},
    {"id": "army/west", "title": "On the army", "text": "The army keeps garrisons in the western forts."},
    {"id": "rail", "title": "On railroads", "text": "Railroads carry wheat to the coast at high freight rates."},
]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Stack]:
    """Redis, the node and a worker."""
    home = tmp_path_factory.mktemp("api-home")
    (home / "cache").symlink_to(pytestconfig.cache.mkdir("encoders"))  # type: ignore[union-attr]
    stack = Stack(home, overrides={"max_body_mib": "1", "max_upload_mib": "2", "max_query_characters": "1000"})
    for process in (stack.redis, stack.node, stack.worker):
        process.start()
    yield stack
    stack.stop()


@contextmanager
def served(container: Container) -> Iterator[httpx.Client]:
    """A client of the API on a free port."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(container), host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, what="the API serves")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0) as client:
        yield client
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def api(stack: Stack) -> Iterator[httpx.Client]:
    """The API without keys."""
    with served(stack.container) as client:
        yield client


@pytest.fixture(scope="session")
def guarded(stack: Stack) -> Iterator[httpx.Client]:
    """The API with a read key and a write key."""
    keys = {"api_read_keys": [SecretStr("look")], "api_write_keys": [SecretStr("touch")]}
    with served(Container(stack.settings.model_copy(update=keys))) as client:
        yield client


@pytest.fixture(scope="session")
def lonely(stack: Stack) -> Iterator[httpx.Client]:
    """The API without a node."""
    with served(Container(stack.settings.model_copy(update={"qdrant_url": "http://127.0.0.1:9"}))) as client:
        yield client


@pytest.fixture(scope="session")
def finished(api: httpx.Client) -> Callable[[httpx.Response], dict[str, Any]]:
    """Waits for the job that an answer promises."""

    def wait(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 202, answer.text
        ends = time.monotonic() + 120
        while (job := api.get(f"/v1/jobs/{answer.json()['id']}").json())["state"] not in ("done", "failed"):
            assert time.monotonic() < ends, job
            time.sleep(0.1)
        return dict(job)

    return wait


@pytest.fixture(scope="session")
def corpus(api: httpx.Client, finished: Callable[[httpx.Response], dict[str, Any]]) -> str:
    """A corpus of a few documents, added as a program would."""
    years = {"date": "1890-12-01", "labels": ["economy", "money"], "metadata": {"pages": 3, "place": "Washington"}}
    documents = [document | (years if document["id"] in ("gold", "silver") else {}) for document in DOCUMENTS]
    job = finished(api.post("/v1/documents", json={"corpus": CORPUS, "documents": documents}))
    assert (job["state"], job["stored"]) == ("done", len(DOCUMENTS)), job
    return CORPUS
