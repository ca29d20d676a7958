"""`trivec train`: learn again from what is stored."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Learn again from what is stored.")


@app.command("vectors")
def vectors(
    corpus: Annotated[str, typer.Option(help="Learn from this corpus, for this corpus.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train Word2Vec and word weights on a corpus and switch it to a new generation that uses them.

    The old generation answers until the new one is filled, and stays for roll-back. One that was broken off is taken
    up again.

      trivec train vectors --corpus news
    """
    from trivec.cli import context, printing

    services = context.container()
    with printing.err.status(f"{corpus}: learning") as status:
        generation = services.vectors.renew(corpus, progress=lambda doing: status.update(f"{corpus}: {doing}"))
    if json:
        printing.as_json(
            {"corpus": corpus, "generation": generation.number, "vectors": generation.names, **generation.details}
        )
    else:
        printing.line(f"{corpus} is served by generation {generation.number}: {', '.join(generation.names)}")
