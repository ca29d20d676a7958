"""`trivec ingest`: a file, folder or archive becomes a job; its progress is watched until it is done."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from trivec.records import JobStatus
    from trivec.services.ingest import IngestService
    from trivec.sources.mapping import ColumnMapping

POLL_SECONDS = 0.5
FINAL = ("done", "failed", "cancelled")

Column = Annotated[str | None, typer.Option(metavar="COLUMN", rich_help_panel="Columns (guessed when left out)")]


def ingest(
    path: Annotated[Path, typer.Argument(help="A file, folder or archive; also .gz and .zst.", show_default=False)],
    corpus: Annotated[str, typer.Option(help="Made when it does not exist yet.", show_default=False)],
    id: Column = None,  # noqa: A002  the option's name
    title: Column = None,
    text: Column = None,
    date: Column = None,
    labels: Column = None,
    source_column: Column = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Keep as metadata; may be repeated.",
            rich_help_panel="Columns (guessed when left out)",
        ),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Name of the source; the file's name when left out.")] = None,
    wait: Annotated[bool, typer.Option(help="Watch until it is done.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print the job as JSON.")] = False,
) -> None:
    """Read documents from PATH and store them, with all their vectors, in a corpus.

    CSV, TSV, JSON, JSONL, Parquet, TXT, Markdown, HTML, PDF, DOCX, a folder or an archive of them. Rows that cannot
    become documents are listed, with line and reason, in a rejects file; the rest goes on. A document with a known id
    replaces the stored one, an unchanged one is skipped. Exits with 1 when the job failed or documents could not be
    stored. Needs running services: `trivec up`.

      trivec ingest news.csv --corpus news
      trivec ingest tickets.jsonl.gz --corpus support --id ticket --text body --date opened
      trivec ingest ./reports --corpus reports --source quarterly --no-wait
    """
    from trivec.cli import context
    from trivec.errors import NotFound

    if not path.exists():
        raise NotFound(f"there is no {path}: give a file, a folder or an archive that exists")
    service = context.container(queue=True).ingest
    mapping = _mapping(
        {"id": id, "title": title, "text": text, "date": date, "labels": labels, "source": source_column}, metadata
    )
    job = service.submit(path.absolute(), corpus=corpus, mapping=mapping, source=source)
    if wait:
        job = watch_or_leave(service, job, quiet=json)
    show_once(service, job, json=json)
    if job.state == "failed" or job.failed:
        raise typer.Exit(1)


def _mapping(columns: dict[str, str | None], metadata: list[str] | None) -> ColumnMapping | None:
    from trivec.sources.mapping import ColumnMapping

    given = {name: column for name, column in columns.items() if column is not None}
    if not given and metadata is None:
        return None
    return ColumnMapping(**given, metadata=None if metadata is None else tuple(metadata))


def watch_or_leave(service: IngestService, job: JobStatus, *, quiet: bool) -> JobStatus:
    """As `watch`; Ctrl-C stops the watching, not the job, and says so."""
    from trivec.cli import printing

    try:
        return watch(service, job, quiet=quiet)
    except KeyboardInterrupt:
        printing.note(f"job {job.id} goes on: `trivec jobs show {job.id}` watches it, `trivec jobs cancel` stops it")
        raise typer.Exit(130) from None


def watch(service: IngestService, job: JobStatus, *, quiet: bool) -> JobStatus:
    """The job when it has ended, its progress shown meanwhile unless quiet."""
    if quiet:
        return _until_final(service, job)
    with progress() as bar:
        task = bar.add_task(job.corpus, total=None, counts="")
        return _until_final(service, job, bar=bar, task=task)


def _until_final(
    service: IngestService, job: JobStatus, *, bar: Progress | None = None, task: TaskID | None = None
) -> JobStatus:
    while job.state not in FINAL:
        time.sleep(POLL_SECONDS)
        job = service.status(job.id)
        if bar is not None and task is not None:
            show(bar, task, job)
    return job


def progress() -> Progress:
    """A bar with counts, speed and time left; on standard error, so that results can be piped."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from trivec.cli.printing import err

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}"))
    return Progress(*columns, TimeElapsedColumn(), console=err)


def show(bar: Progress, task: TaskID, job: JobStatus) -> None:
    """The job's numbers on the bar; its length is known once the source has been read."""
    settled = job.stored + job.skipped + job.failed
    left = f", {job.seconds_left:,.0f} s left" if job.seconds_left is not None else ""
    speed = f", {job.documents_per_second:,.0f}/s{left}" if job.documents_per_second else ""
    total = None if job.state in ("reading", "training") else max(job.read, settled)
    doing = job.message or job.state
    bar.update(task, completed=settled, total=total, description=f"{job.corpus}: {doing}", counts=counts(job) + speed)


def counts(job: JobStatus) -> str:
    """The counts in words, the uneventful ones left out."""
    told = [f"{job.read:,} read", f"{job.stored:,} stored"]
    told += [f"{getattr(job, name):,} {name}" for name in ("skipped", "rejected", "failed") if getattr(job, name)]
    return ", ".join(told)


def show_once(service: IngestService, job: JobStatus, *, json: bool) -> None:
    """A job as it stands, for people or programs."""
    from trivec.cli import printing

    if json:
        printing.as_json(job)
    else:
        report(job, service.rejects(job.id))


def report(job: JobStatus, rejects: Path) -> None:
    """What came of it."""
    from trivec.cli import printing

    style = {"done": "green", "failed": "red", "cancelled": "yellow"}.get(job.state)
    printing.line(f"{job.state}: {counts(job)} (job {job.id}, corpus {job.corpus})", style=style)
    if job.message:
        printing.line(job.message)
    if job.rejected:
        printing.line(f"rejected rows and why: {rejects}")
    if job.failed:
        printing.line(f"documents set aside after all tries: `trivec jobs retry {job.id}` tries them again")
