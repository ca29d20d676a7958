"""A real HTTP server with OpenAI's `/v1/embeddings`, which can be told to be busy, slow, or in disorder."""

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import numpy as np

DIMENSION = 8


def embedding(text: str) -> list[float]:
    """Always the same for the same text, and not of unit length."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    return [float(number) for number in np.random.default_rng(seed).normal(size=DIMENSION) * 3]


@dataclass(frozen=True)
class Fault:
    """What one request meets instead of a good answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    body: str | None = None


@dataclass
class EmbeddingsServer:
    """What the server was asked, and what it is going to do wrong."""

    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    reverse: bool = False


@contextmanager
def run_embeddings_server() -> Iterator[EmbeddingsServer]:
    """Serve on a free port until the end of the block."""
    state = EmbeddingsServer()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[EmbeddingsServer]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.state.requests.append(asked)
        self.state.times.append(time.monotonic())
        self.state.keys.append(self.headers.get("authorization", ""))
        fault = self.state.faults.popleft() if self.state.faults else Fault()
        time.sleep(fault.delay)
        self._answer(fault, fault.body if fault.body is not None else self._vectors(asked["input"]))

    def _vectors(self, texts: list[str]) -> str:
        rows = [{"object": "embedding", "index": i, "embedding": embedding(text)} for i, text in enumerate(texts)]
        return json.dumps({"object": "list", "data": rows[::-1] if self.state.reverse else rows})

    def _answer(self, fault: Fault, body: str) -> None:
        if self.path != "/v1/embeddings":
            fault = Fault(404)
        try:
            self.send_response(fault.status)
            for name, value in {"content-length": str(len(body.encode())), **fault.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())
        except ConnectionError:  # the client did not wait
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence."""
