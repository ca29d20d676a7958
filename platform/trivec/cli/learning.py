"""A training at the command line: run in this process under its claim, or watched while a worker runs it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson
import typer

from trivec.errors import BadInput
from trivec.records import LearningKind, Scalar
from trivec.services.learning_records import ENDED, LearningStatus

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from trivec.learning.base import Progress
    from trivec.services.learning import LearningService

_POLL_SECONDS = 0.5
_INTERRUPTED = 130


def train(kind: LearningKind, corpus: str, wanted: Sequence[str], *, background: bool, json: bool) -> None:
    """Learn; exits with 1 when the job failed, with 130 when it was broken off.

    Args:
        kind: what is learned.
        corpus: from what.
        wanted: parameters, `NAME=VALUE` each.
        background: submit to a worker instead of running here.
        json: print the job as JSON.
    """
    from trivec.cli import context

    parameters = dict(_parameter(each) for each in wanted)
    service = context.container(queue=background).learning
    if background:
        report(service.submit(kind, corpus, parameters), json=json)
        return
    job = _finished(service, service.open(kind, corpus, parameters), quiet=json)
    report(job, json=json)
    if job.state != "done":
        raise typer.Exit(1)


def report(job: LearningStatus, *, json: bool) -> None:
    """What came of a job, or where it is."""
    from trivec.cli import printing

    if json:
        printing.as_json(job)
        return
    style = {"done": "green", "failed": "red", "cancelled": "yellow"}.get(job.state)
    printing.line(f"{job.state}: {job.kind} of {job.corpus} (job {job.id})", style=style)
    for told in (job.error, job.step):
        if told:
            printing.line(told)
    printing.table(("", ""), [(name, _shown(value)) for name, value in job.result.items()])


def gist(job: LearningStatus) -> str:
    """One line about it: what is wrong, what it does, or what came of it."""
    return job.error or job.step or _shown(job.result.get("verdict") or job.result.get("reference") or "")


def _finished(service: LearningService, job: LearningStatus, *, quiet: bool) -> LearningStatus:
    """The job when it has ended; worked on here unless somebody else does, its progress shown unless quiet."""
    from trivec.cli import printing

    what = f"{job.kind} of {job.corpus}"
    with _bar(quiet) as bar:
        task = bar.add_task(what, total=None)

        def move(doing: str, share: float) -> None:
            length = 1.0 if share else None  # until somebody can tell the share, it only moves to and fro
            bar.update(task, description=f"{what}: {doing}", total=length, completed=share)

        try:
            return _work_or_watch(service, job, move if quiet or printing.err.is_terminal else lines(what))
        except KeyboardInterrupt:
            printing.note(_broken_off(service.status(job.id)))
            raise typer.Exit(_INTERRUPTED) from None


def lines(what: str) -> Progress:
    """Progress for a log, where no bar can move: a line as soon as another tenth of the work is done."""
    from trivec.cli import printing

    due = 0

    def tell(doing: str, share: float) -> None:
        nonlocal due
        if share * 10 >= due:
            printing.note(f"{what}: {doing} ({share:.0%})")
            due = int(share * 10) + 1

    return tell


def _work_or_watch(service: LearningService, job: LearningStatus, tell: Progress) -> LearningStatus:
    while job.state not in ENDED:
        wait: float | None = _POLL_SECONDS
        if job.state == "waiting":
            wait = service.run(job.id, tell=tell)
        job = service.status(job.id)
        tell(job.step, job.share)
        if wait and job.state not in ENDED:
            time.sleep(wait)
    return job


def _broken_off(job: LearningStatus) -> str:
    stop = f"`trivec train cancel {job.id}`"
    if job.state == "running":
        return f"job {job.id} goes on in a worker: `trivec train jobs` shows it, {stop} stops it"
    return f"broken off at {job.share:.0%}: the same command goes on from there, {stop} gives it up"


def _bar(quiet: bool) -> Bar:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from trivec.cli.printing import err

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    return Progress(*columns, TimeElapsedColumn(), console=err, disable=quiet)


def _parameter(given: str) -> tuple[str, Scalar]:
    """`epochs=4` is a number, `optimiser=lars` text.

    Raises:
        BadInput: no name, or a value that is a list or an object.
    """
    name, separator, text = given.partition("=")
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    if not name or not separator or not isinstance(value, str | int | float | bool):
        raise BadInput(f"parameter {given!r}: write it as NAME=VALUE, for example epochs=4")
    return name, value


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one) for one in value)
    return f"{value:.4f}" if isinstance(value, float) else str(value)
