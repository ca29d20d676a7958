"""`trivec train`: learn again from what is stored, here or in a worker."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Learn again from what is stored, here or in a worker.")

Corpus = Annotated[str, typer.Option(help="Learn from this corpus, for this corpus.", show_default=False)]
Background = Annotated[bool, typer.Option("--background", help="Let a worker do it, and return at once.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the learner; may be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="As `trivec train jobs` shows it.", show_default=False)]


@app.command("vectors")
def vectors(corpus: Corpus, background: Background = False, json: Json = False) -> None:
    """Train Word2Vec and word weights on a corpus and switch it to a new generation that uses them.

    The old generation answers until the new one is filled, and stays for roll-back. One that was broken off is taken
    up again.

      trivec train vectors --corpus news
    """
    from trivec.cli import learning

    learning.train("vectors", corpus, [], background=background, json=json)


@app.command("fusion")
def fusion(corpus: Corpus, background: Background = False, set_: Set = None, json: Json = False) -> None:
    """Train the network that makes one vector of all others; it serves if it is better on held-out questions.

    Ctrl-C, or a crash, loses nothing but the epoch under way: the same command goes on.

      trivec train fusion --corpus news
      trivec train fusion --corpus news --background
    """
    from trivec.cli import learning

    learning.train("fusion", corpus, set_ or [], background=background, json=json)


@app.command("taxonomy")
def taxonomy(corpus: Corpus, background: Background = False, set_: Set = None, json: Json = False) -> None:
    """Train the classifier on a corpus's labels; if it is better on held-out documents, it labels the others.

    trivec train taxonomy --corpus news
    """
    from trivec.cli import learning

    learning.train("taxonomy", corpus, set_ or [], background=background, json=json)


@app.command("anomalies")
def anomalies(corpus: Corpus, background: Background = False, set_: Set = None, json: Json = False) -> None:
    """Learn what is usual in a corpus, and score every passage: the hourly task scores what comes later.

    trivec train anomalies --corpus news
    trivec train anomalies --corpus news --set detector=lof
    """
    from trivec.cli import learning

    learning.train("anomalies", corpus, set_ or [], background=background, json=json)


@app.command("map")
def map_(corpus: Corpus, background: Background = False, set_: Set = None, json: Json = False) -> None:
    """Make a map of a corpus, if it is better than the one in use, and give every document its place on it.

    trivec train map --corpus news
    trivec train map --corpus news --set vector=fused --set cells=400
    """
    from trivec.cli import learning

    learning.train("map", corpus, set_ or [], background=background, json=json)


@app.command("trends")
def trends(corpus: Corpus, background: Background = False, json: Json = False) -> None:
    """Read a corpus once for its trends: terms by day, words in slices of time, forecasts tested on its topics.

    trivec train trends --corpus news
    """
    from trivec.cli import learning

    learning.train("trends", corpus, [], background=background, json=json)


@app.command("jobs")
def list_jobs(json: Json = False) -> None:
    """Everything that is being trained or was, newest first."""
    from trivec.cli import context, learning, printing

    jobs = context.services().learning.jobs()
    if json:
        printing.as_json({"jobs": jobs})
        return
    rows = [(job.id, job.kind, job.corpus, job.state, f"{job.share:.0%}", learning.gist(job)) for job in jobs]
    printing.table(("job", "kind", "corpus", "state", "done", ""), rows)


@app.command("cancel")
def cancel(job_id: JobId, json: Json = False) -> None:
    """Stop a training at its next step; what serves goes on serving."""
    from trivec.cli import context, learning

    learning.report(context.services().learning.cancel(job_id), json=json)
