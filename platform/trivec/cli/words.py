"""`trivec words`: ask the word vectors themselves, a corpus's own Word2Vec or GloVe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trivec.cli.word_space import Neighbour, WordSpace

app = typer.Typer(
    no_args_is_help=True, help="Ask the word vectors: a corpus's own Word2Vec (--corpus), GloVe otherwise."
)

Corpus = Annotated[str, typer.Option(help="Use this corpus's Word2Vec; GloVe when left out.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Word = Annotated[str, typer.Argument(show_default=False)]
Words = Annotated[list[str], typer.Argument(show_default=False)]


@app.command("similar")
def similar(word: Word, corpus: Corpus = "", limit: Limit = 10, json: Json = False) -> None:
    """The words nearest to one: `trivec words similar navy --corpus sotu`."""
    _print(_space(corpus).similar(word, limit=limit), json=json)


@app.command("analogy")
def analogy(a: Word, b: Word, c: Word, corpus: Corpus = "", limit: Limit = 5, json: Json = False) -> None:
    """A is to B as C is to what? `trivec words analogy man king woman`."""
    _print(_space(corpus).analogy(a, b, c, limit=limit), json=json)


@app.command("odd-one-out")
def odd_one_out(words: Words, corpus: Corpus = "", json: Json = False) -> None:
    """The word least like the others, first: `trivec words odd-one-out army navy tariff`."""
    from trivec.errors import BadInput

    if len(words) < 3:
        raise BadInput(f"{len(words)} words given: name three or more")
    _print(_space(corpus).oddness(words), json=json)


@app.command("common")
def common(words: Words, corpus: Corpus = "", limit: Limit = 10, json: Json = False) -> None:
    """What words have in common, the words nearest to all of them: `trivec words common gold silver coin`."""
    _print(_space(corpus).common(words, limit=limit), json=json)


def _space(corpus: str) -> WordSpace:
    from trivec.cli import context
    from trivec.cli.word_space import WordSpace
    from trivec.encoders import glove, tables
    from trivec.errors import NotFound

    if not corpus:
        settings = context.settings()
        return WordSpace(glove.table(settings.glove_path, cache=settings.home / "cache"))
    services = context.container()
    spec = services.store.current(corpus).spec("word2vec")
    if spec is None:
        raise NotFound(f"corpus {corpus!r} has no Word2Vec yet: `trivec train vectors --corpus {corpus}`")
    return WordSpace(tables.read(services.registry.path(spec.model), cache=services.settings.home / "cache"))


def _print(found: Sequence[Neighbour], *, json: bool) -> None:
    from trivec.cli import printing

    if json:
        printing.as_json({"words": found})
    else:
        printing.table(("word", "cosine"), [(one.word, one.similarity) for one in found])
