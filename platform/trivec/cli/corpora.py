"""`trivec corpora`: what is stored, in which generation, with which vectors."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="What is stored, in which generation, with which vectors.")

Corpus = Annotated[str, typer.Argument(metavar="CORPUS", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("list")
def list_corpora(json: Json = False) -> None:
    """Every corpus with its size and its named vectors."""
    from trivec.api import views
    from trivec.cli import context, printing

    corpora = context.container().corpora.list()
    if json:
        printing.as_json({"corpora": [views.corpus(info) for info in corpora]})
        return
    rows = [
        (info.name, info.documents, info.passages, info.generation.number, ", ".join(info.generation.names))
        for info in corpora
    ]
    printing.table(("corpus", "documents", "passages", "generation", "vectors"), rows)


@app.command("show")
def show(corpus: Corpus, json: Json = False) -> None:
    """A corpus: its vectors and what wrote them, its generations, its sources, labels and languages."""
    from trivec.api import views
    from trivec.cli import context, printing

    service = context.container().corpora
    info = service.show(corpus)
    if json:
        printing.as_json(views.corpus(info))
        return
    printing.line(f"{info.name}: {info.documents:,} documents in {info.passages:,} passages", style="bold")
    rows = [(spec.name, spec.family, spec.dimension, spec.model, spec.weights) for spec in info.specs]
    printing.table(("vector", "family", "dimension", "model", "word weights"), rows)
    printing.line()
    made = [(each.number, each.state, f"{each.created_at:%F %T}") for each in service.generations(corpus)]
    printing.table(("generation", "state", "made"), made)
    printing.line()
    for key, counts in service.facets(corpus, ["source", "labels", "language"]).items():
        printing.line(f"{key}: " + ", ".join(f"{each.value} ({each.count:,})" for each in counts[:20]))


@app.command("delete")
def delete(
    corpus: Corpus,
    source: Annotated[str | None, typer.Option(help="Only the documents of this source.")] = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Delete a corpus, or one source of it. There is no way back but a backup.

    trivec corpora delete news
    trivec corpora delete news --source feed-2023.csv --yes
    """
    from trivec.cli import context, printing

    service = context.container().corpora
    info = service.show(corpus)
    what = f"source {source!r} of corpus {corpus!r}" if source else f"corpus {corpus!r} ({info.documents:,} documents)"
    if not yes:
        typer.confirm(f"Delete {what}?", abort=True)
    count = info.documents
    if source:
        count = service.delete_source(corpus, source)
    else:
        service.delete(corpus)
    if json:
        printing.as_json({"deleted": source or corpus, "documents": count})
    else:
        printing.line(f"deleted {what}: {count:,} documents")


@app.command("export")
def export(
    corpus: Corpus,
    path: Annotated[Path, typer.Argument(help="A .parquet, .csv or .jsonl file.", show_default=False)],
    vectors: Annotated[bool, typer.Option("--vectors", help="Every named vector of every passage, too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a whole corpus to a file, one row per passage: `trivec corpora export news news.parquet --vectors`."""
    from trivec.cli import context, exporting, printing
    from trivec.errors import Conflict

    if path.exists() and not force:
        raise Conflict(f"{path} exists: choose another name, or overwrite it with --force")
    kind = exporting.kind_of(path)
    context.container().corpora.export(corpus, format=kind, vectors=vectors, path=path)
    printing.line(f"written to {path} ({path.stat().st_size / 2**20:,.1f} MiB)")
