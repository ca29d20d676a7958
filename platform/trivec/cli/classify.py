"""`trivec classify`: where in a corpus's own taxonomy a text belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trivec.records import LabelChance

SHOWN = 300  # characters of a similar document


def classify(
    text: Annotated[str, typer.Argument(help="The text; - reads it from standard input.", show_default=False)],
    corpus: Annotated[str, typer.Option(help="Whose taxonomy.", show_default=False)],
    similar: Annotated[int, typer.Option(min=0, max=50, help="Labelled documents like it to show.")] = 3,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, as POST /v1/classify answers.")] = False,
) -> None:
    """Place a text in the taxonomy that a corpus's labels make up: the path, how sure it is, documents like it.

    Needs a classifier: `trivec train taxonomy --corpus NAME`, which also labels the corpus's documents.

      trivec classify "The rivers are rising again." --corpus news
    """
    from trivec.api import model_views
    from trivec.cli import context, printing

    given = typer.get_text_stream("stdin").read() if text == "-" else text
    found = context.container().taxonomy.classify(corpus, given, similar=similar)
    if json:
        printing.as_json(model_views.classified(found))
        return
    said = found.prediction
    printing.line(f"{' > '.join(said.labels) or 'none of these'} ({said.confidence:.0%}, {found.model})", style="bold")
    for level in said.levels:
        printing.line("  " + ", ".join(map(_chance, level)))
    for example in found.similar:
        printing.line(f"{' > '.join(example.labels)}  {example.document_id} {example.title}", style="dim")
        printing.line(f"  {example.passage[:SHOWN]}")


def _chance(chance: LabelChance) -> str:
    return f"{chance.label} {chance.probability:.0%}"
