"""`trivec`: one command line. Commands are grouped as help shows them; what costs time is imported when it runs."""

import sys
from typing import Annotated

import typer

from trivec import __version__
from trivec.cli import (
    backup,
    bench,
    classify,
    corpora,
    demo,
    documents,
    evaluate,
    ingest,
    jobs,
    models,
    running,
    search,
    single,
    train,
    trends,
    words,
)
from trivec.errors import TrivecError

ABOUT = """Search, sort, watch and learn from text: documents in, named vectors in Qdrant, answers out.

Begin with [bold]trivec demo[/bold] (everything started, 236 years of presidential messages ingested and searched), or:

  trivec up                                     # start all services; Ctrl-C stops them
  trivec ingest news.csv --corpus news          # in another terminal
  trivec search "rain at last" --corpus news --explain

When something is wrong, [bold]trivec doctor[/bold] says what, and how to mend it.
"""
app = typer.Typer(help=ABOUT, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)
app.command(rich_help_panel="Run")(running.up)
app.command(rich_help_panel="Run")(running.down)
app.command(rich_help_panel="Run")(demo.demo)
app.command(rich_help_panel="Run")(running.doctor)
app.command(rich_help_panel="Documents")(ingest.ingest)
app.command(rich_help_panel="Documents")(search.search)
app.command(rich_help_panel="Documents")(classify.classify)
app.command(rich_help_panel="Documents")(trends.trends)
app.add_typer(corpora.app, name="corpora", rich_help_panel="Documents")
app.add_typer(documents.app, name="documents", rich_help_panel="Documents")
app.add_typer(jobs.app, name="jobs", rich_help_panel="Documents")
app.add_typer(train.app, name="train", rich_help_panel="Models")
app.add_typer(models.app, name="models", rich_help_panel="Models")
app.add_typer(words.app, name="words", rich_help_panel="Models")
app.add_typer(evaluate.app, name="evaluate", rich_help_panel="Prove it")
app.add_typer(bench.app, name="bench", rich_help_panel="Prove it")
app.command(rich_help_panel="Run")(backup.backup)
app.command(rich_help_panel="Run")(backup.restore)
for process in (single.node, single.api, single.ui, single.worker, single.beat):
    app.command(rich_help_panel="Single processes")(process)


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """What holds for every command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    _Debug.on = debug


class _Debug:
    on = False


def main() -> None:
    """Run; an error of ours is one red line and exit code 1, wrong usage is 2."""
    try:
        app()
    except TrivecError as error:
        if _Debug.on:
            raise
        from trivec.cli.printing import failure

        failure(str(error))
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)  # `trivec ... | head` has seen enough
