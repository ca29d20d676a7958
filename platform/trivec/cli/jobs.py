"""`trivec jobs`: watch ingestions, stop them, try them again, read what was rejected."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Watch ingestions, stop them, try them again, read what was rejected.")

JobId = Annotated[str, typer.Argument(metavar="JOB", help="As `trivec jobs list` shows it.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_jobs(json: Json = False) -> None:
    """Every job, newest first."""
    from trivec.cli import context, printing

    jobs = sorted(context.services().ingest.jobs(), key=lambda job: job.started_at, reverse=True)
    if json:
        printing.as_json({"jobs": jobs})
        return
    columns = ("job", "corpus", "state", "read", "stored", "skipped", "rejected", "failed", "started")
    rows = [[getattr(job, name) for name in ("id", *columns[1:-1])] + [f"{job.started_at:%F %T}"] for job in jobs]
    printing.table(columns, rows)


@app.command("show")
def show(
    job_id: JobId, follow: Annotated[bool, typer.Option(help="Watch until it is done.")] = True, json: Json = False
) -> None:
    """How far a job is; follows it until it has ended."""
    from trivec.cli import context, ingest

    service = context.services().ingest
    job = service.status(job_id)
    if follow and not json:
        job = ingest.watch_or_leave(service, job, quiet=False)
    ingest.show_once(service, job, json=json)


@app.command("cancel")
def cancel(job_id: JobId, json: Json = False) -> None:
    """Stop a job; what is stored stays."""
    from trivec.cli import context, ingest

    service = context.services().ingest
    ingest.show_once(service, service.cancel(job_id), json=json)


@app.command("retry")
def retry(job_id: JobId, json: Json = False) -> None:
    """Try again what was set aside after all its tries."""
    from trivec.cli import context, ingest

    service = context.container(queue=True).ingest
    ingest.show_once(service, service.retry_failed(job_id), json=json)


@app.command("rejects")
def rejects(job_id: JobId) -> None:
    """Print the rows that could not become documents, as JSON lines with source, line and reason."""
    from trivec.cli import context

    path = context.services().ingest.rejects(job_id)
    if path.exists():
        typer.echo(path.read_text(encoding="utf-8"), nl=False)
