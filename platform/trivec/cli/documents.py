"""`trivec documents`: read one, find the like, delete one."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Read a document, find the like, delete it.")

DocumentId = Annotated[str, typer.Argument(metavar="ID", show_default=False)]
Corpus = Annotated[str, typer.Option(help="Where it is.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("show")
def show(document_id: DocumentId, corpus: Corpus, json: Json = False) -> None:
    """The document in full."""
    from trivec.cli import context, printing

    document = context.container().corpora.document(corpus, document_id)
    if json:
        printing.as_json(document)
        return
    printing.line(document.title or document.document_id, style="bold cyan")
    date = f"{document.date:%F}" if document.date else ""
    facts = (document.document_id, date, " / ".join(document.labels), document.source, document.language)
    printing.line(" · ".join(fact for fact in facts if fact), style="dim")
    for key, value in document.metadata.items():
        printing.line(f"{key}: {value}", style="dim")
    printing.line()
    printing.line(document.text)


@app.command("similar")
def similar(
    document_id: DocumentId,
    corpus: Corpus,
    using: Annotated[str | None, typer.Option(help="A dense vector; the best one when left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 10,
    json: Json = False,
) -> None:
    """More like this."""
    from trivec.api import views
    from trivec.cli import context, printing, search

    result = context.container().search.similar(corpus, document_id, using=using, limit=limit)
    if json:
        printing.as_json(views.similar_result(result))
    else:
        search.show(result, explain=False)


@app.command("delete")
def delete(document_id: DocumentId, corpus: Corpus, json: Json = False) -> None:
    """Delete one document."""
    from trivec.cli import context, printing

    context.container().corpora.delete_document(corpus, document_id)
    if json:
        printing.as_json({"deleted": document_id})
    else:
        printing.line(f"deleted {document_id} of corpus {corpus}")
