"""Running a node: a folder in, Qdrant's REST API on a port out, until SIGTERM or Ctrl-C.

`python -m trivec.node.serve --folder FOLDER --port PORT` runs one by itself; `trivec node` calls `serve`.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from trivec.node.app import BODY_LIMIT, create_app
from trivec.node.catalogue import Catalogue

_USAGE = "usage: python -m trivec.node.serve --folder FOLDER [--host 127.0.0.1] [--port 6333]"
_GRACE_SECONDS = 10


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 6333,
    api_key: str | None = None,
    read_only_api_key: str | None = None,
    body_limit: int = BODY_LIMIT,
) -> None:
    """Serve the collections in a folder until told to stop; returns when everything is flushed and closed.

    Args:
        folder: where collections are kept; made when missing.
        host: address to listen on; the default is reachable from this machine only.
        port: port to listen on.
        api_key: may read and write; without any key, everybody who reaches the port may.
        read_only_api_key: may read.
        body_limit: bytes of the largest body that is accepted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(Catalogue(folder), api_key=api_key, read_only_api_key=read_only_api_key, body_limit=body_limit)
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_level="warning", timeout_graceful_shutdown=_GRACE_SECONDS
    )
    _Server(config).run()


class _Server(uvicorn.Server):
    """Stops when told and then returns, where uvicorn would raise the signal once more and never let us exit with 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for stop in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(stop, self.handle_exit, stop, None)
        yield


def main(arguments: Sequence[str]) -> int:
    """Run a node as the arguments say; API keys come from TRIVEC_QDRANT_API_KEY and ..._READ_ONLY_API_KEY."""
    options = dict(zip(arguments[::2], arguments[1::2], strict=False))
    if len(arguments) % 2 or options.keys() - {"--folder", "--host", "--port"} or "--folder" not in options:
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    serve(
        Path(options["--folder"]),
        host=options.get("--host", "127.0.0.1"),
        port=int(options.get("--port", "6333")),
        api_key=os.environ.get("TRIVEC_QDRANT_API_KEY"),
        read_only_api_key=os.environ.get("TRIVEC_QDRANT_READ_ONLY_API_KEY"),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
