"""The API as a process: uvicorn on one event loop, services on threads, logs as JSON lines, a clean stop."""

import logging
import sys
from datetime import UTC, datetime

import orjson
import uvicorn

from trivec.api.app import create_app, keys_of
from trivec.settings import Settings

log = logging.getLogger("trivec.api")
GRACE_SECONDS = 8  # for requests that run when we are asked to stop


class JsonLines(logging.Formatter):
    """One JSON object a line; `extra={"facts": {...}}` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str).decode()


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; requests that run then are finished first."""
    from trivec.services.container import Container

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if keys_of(settings).open and host not in ("127.0.0.1", "localhost", "::1"):
        logging.getLogger("trivec.api").warning(
            "everybody who reaches %s:%s may write: set TRIVEC_API_WRITE_KEYS", host, port
        )
    uvicorn.run(
        create_app(Container(settings)),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
