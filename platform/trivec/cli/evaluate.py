"""`trivec evaluate`: measure Trivec on your own data. Starts what it needs itself, in a temporary folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trivec.evaluation.result import Result

app = typer.Typer(
    no_args_is_help=True,
    help="Measure Trivec on your own data. Needs no running services: it starts what it needs in a temporary folder.",
)

Folders = Annotated[list[Path], typer.Argument(metavar="DIR...", help="One data set each.", show_default=False)]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the results here.")]


@app.command("retrieval")
def retrieval(folders: Folders, json: JsonFile = None) -> None:
    """Search quality on corpus, queries and judgements (BEIR layout): nDCG@10, Recall@100, MRR@10 of every vector.

    trivec evaluate retrieval data/cranfield --json out.json
    """
    from trivec.cli import context, printing
    from trivec.evaluation.retrieval import evaluate

    services = context.services()
    _report([evaluate(folder, container=services, say=printing.note) for folder in _existing(folders)], json)


@app.command("taxonomy")
def taxonomy(folders: Folders, json: JsonFile = None) -> None:
    """Sorting texts into a taxonomy, beside flat logistic regression and hiclass: accuracy by level, F1, calibration.

    Learns from train.jsonl.gz, chooses on a part of it, and is judged on test.jsonl.gz.

    trivec evaluate taxonomy data/taxonomy/trec-questions --json out.json
    """
    from trivec.cli import context, printing
    from trivec.evaluation.sentences import sentence_encoder
    from trivec.evaluation.taxonomy import evaluate

    encode = sentence_encoder(context.services())
    _report([evaluate(folder, encode=encode, say=printing.note) for folder in _existing(folders)], json)


@app.command("trends")
def trends(folders: Folders, json: JsonFile = None) -> None:
    """Forecasts of dated topics at origins of the past, beside the last value and the mean: MASE, coverage.

    Counts dataset.json's topics in documents.jsonl.gz; whatever is forecast is chosen on what lies before it.

    trivec evaluate trends data/trends/cacm --json out.json
    """
    from trivec.cli import printing
    from trivec.evaluation.trends import evaluate

    _report([evaluate(folder, say=printing.note) for folder in _existing(folders)], json)


@app.command("anomalies")
def anomalies(folders: Folders, json: JsonFile = None) -> None:
    """Telling anomalies from normal texts, beside nearest neighbours and PyOD's detectors: AUROC, AUPRC, false alarms.

    Learns from the normal texts of train.jsonl.gz, and is judged once on test.jsonl.gz.

    trivec evaluate anomalies data/anomalies/sms-spam --json out.json
    """
    from trivec.cli import context, printing
    from trivec.evaluation.anomalies import evaluate
    from trivec.evaluation.sentences import sentence_encoder

    encode = sentence_encoder(context.services())
    _report([evaluate(folder, encode=encode, say=printing.note) for folder in _existing(folders)], json)


@app.command("words")
def words(folders: Folders, json: JsonFile = None) -> None:
    """What word vectors know: word pairs rated by people (`word1,word2,score`) and analogies.

    trivec evaluate words data/words
    """
    from trivec.cli import context, printing
    from trivec.evaluation.words import evaluate

    settings = context.settings()
    cache = settings.home / "cache"
    results = [
        evaluate(folder, cache=cache, glove_path=settings.glove_path, say=printing.note)
        for folder in _existing(folders)
    ]
    _report(results, json)


def _existing(folders: list[Path]) -> list[Path]:
    from trivec.errors import NotFound

    for folder in folders:
        if not folder.is_dir():
            raise NotFound(f"there is no folder {folder}: give one folder for each data set")
    return folders


def _report(results: list[Result], json: Path | None) -> None:
    from trivec.cli import printing
    from trivec.evaluation.result import table, with_mean, write

    for result in with_mean(results):
        printing.out.print(table(result))
    if json:
        write(results, json)
        printing.note(f"written to {json}")
