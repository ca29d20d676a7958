"""The single processes: `trivec node`, `api`, `ui`, `worker`, `beat`. What `trivec up` and containers start."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer

Host = Annotated[str | None, typer.Option(help="Listen here instead of the settings' address.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Listen here instead of the settings' port.")]


def node(
    host: Host = None,
    port: Port = None,
    folder: Annotated[Path | None, typer.Option(help="Where vectors live; TRIVEC_HOME/node by default.")] = None,
) -> None:
    """Run the vector node: Qdrant's REST API over Qdrant Edge."""
    from trivec.cli import context
    from trivec.node.serve import serve

    settings = context.settings()
    bind, number = _where(settings.qdrant_url, 6333, host, port)
    write, read = settings.qdrant_api_key, settings.qdrant_read_only_api_key
    serve(
        folder or settings.home / "node",
        host=bind,
        port=number,
        api_key=write.get_secret_value() if write else None,
        read_only_api_key=read.get_secret_value() if read else None,
    )


def api(host: Host = None, port: Port = None) -> None:
    """Run the HTTP API."""
    from trivec.api.serve import serve
    from trivec.cli import context

    settings = context.settings()
    bind, number = _where(settings.api_url, 8000, host, port)
    serve(settings, host=bind, port=number)


def ui(host: Host = None, port: Port = None) -> None:
    """Run the Streamlit application; it talks to the API at TRIVEC_API_URL."""
    from trivec.cli import context
    from trivec.errors import MissingExtra

    settings = context.settings()
    found = find_spec("trivec_ui")
    if found is None or not found.submodule_search_locations or find_spec("streamlit") is None:
        raise MissingExtra("streamlit", "ui")
    script = Path(found.submodule_search_locations[0]) / "app.py"
    bind, number = _where(settings.ui_url, 8501, host, port)
    keys = settings.api_write_keys or settings.api_read_keys
    os.environ["TRIVEC_API_URL"] = settings.api_url
    if keys:
        os.environ.setdefault("TRIVEC_API_KEY", keys[0].get_secret_value())
    quiet = ("--server.headless=true", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none")
    address = (f"--server.address={bind}", f"--server.port={number}")
    limit = f"--server.maxUploadSize={settings.max_upload_mib}"
    _become("streamlit", "run", str(script), *address, limit, *quiet)


def worker(
    queues: Annotated[str, typer.Option(help="Comma-separated: ingest, learn, insight.")] = "ingest,learn,insight",
    concurrency: Annotated[int, typer.Option(min=1, help="Tasks at a time; each loads its own encoders.")] = 1,
    name: Annotated[str, typer.Option(help="Unique on this machine.")] = "worker",
) -> None:
    """Run a Celery worker."""
    who = (f"--hostname={name}@%h", f"--queues={queues}", f"--concurrency={concurrency}")
    _celery("worker", *who, "--without-gossip", "--without-mingle", "--loglevel=INFO")


def beat() -> None:
    """Run the schedule (Celery beat with its entries in Redis)."""
    _celery("beat", "--scheduler=redbeat.RedBeatScheduler", "--loglevel=INFO", "--pidfile=")


def _celery(*arguments: str) -> NoReturn:
    """Become Celery itself: one process, and it gets our signals."""
    from trivec.errors import MissingExtra

    if find_spec("celery") is None:
        raise MissingExtra("celery", "queue")
    _become("celery", "--app=trivec_workers.app", *arguments)


def _become(module: str, *arguments: str) -> NoReturn:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606  our own interpreter


def _where(url: str, default: int, host: str | None, port: int | None) -> tuple[str, int]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return host or parts.hostname or "127.0.0.1", port or parts.port or default
