"""`trivec bench`: how fast it is on this machine, against plain alternatives in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="How fast Trivec is on this machine, against plain alternatives in the same run. Starts what it needs on free "
    "ports and in a temporary folder; stop other work first.",
)

JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the figures here.")]


@app.command("ingest")
def ingest(
    documents: Annotated[int, typer.Option(min=1, help="To ingest.")] = 3000,
    words: Annotated[int, typer.Option(min=0, help="Of each document; 0 takes real paragraphs.")] = 0,
    sample: Annotated[int, typer.Option(min=1, help="Documents that the encoders alone are measured on.")] = 1500,
    plain: Annotated[bool, typer.Option(help="Also measure SentenceTransformer itself.")] = True,
    json: JsonFile = None,
) -> None:
    """Ingestion through workers into the node, against the BERT encoder alone and plain SentenceTransformer.

    trivec bench ingest --json ingest.json
    trivec bench ingest --documents 100000 --words 100 --no-plain      # memory of each process
    """
    from trivec.cli import context, printing
    from trivec.evaluation.bench_ingest import run

    services = context.services()
    _report(
        run(container=services, documents=documents, words=words, sample=sample, plain=plain, say=printing.note), json
    )


@app.command("search")
def search(
    passages: Annotated[int, typer.Option(min=1, help="To search in, about.")] = 20_000,
    questions: Annotated[int, typer.Option(min=1, help="To ask, by one client and then by four.")] = 400,
    json: JsonFile = None,
) -> None:
    """Hybrid search over the API, against encoding the question and asking Qdrant Edge in process.

    trivec bench search --passages 20000 --json search.json
    """
    from trivec.cli import context, printing
    from trivec.evaluation.bench_search import run

    _report(run(container=context.services(), passages=passages, questions=questions, say=printing.note), json)


def _report(figures: dict[str, object], json: Path | None) -> None:
    import orjson

    from trivec.cli import printing

    printing.table(("measured", ""), list(_flat(figures)))
    if json:
        json.parent.mkdir(parents=True, exist_ok=True)
        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
        json.write_bytes(orjson.dumps(figures, option=option))
        printing.note(f"written to {json}")


def _flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested figures as lines: `milliseconds / direct / p50`."""
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in _flat(inner, f"{name} / {key}" if name else str(key))]
    return [(name, str(value))]
