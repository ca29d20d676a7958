"""`trivec models`: what has been learned, which version is used, and how to go back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trivec.registry import ModelVersion

app = typer.Typer(no_args_is_help=True, help="What has been learned, which version is used, and how to go back.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `trivec models list` shows it.", show_default=False)]
Reference = Annotated[str, typer.Argument(metavar="NAME:VERSION", help="One version of a model.", show_default=False)]


@app.command("list")
def list_models(json: Json = False) -> None:
    """Every model with its versions; the one in use is the champion."""
    from trivec.cli import context, printing

    registry = context.services().registry
    versions = [version for name in registry.names() for version in registry.versions(name)]
    if json:
        printing.as_json({"models": versions})
        return
    rows = [
        (one.reference, "champion" if one.champion else "", f"{one.created_at:%F %T}", _figures(one))
        for one in versions
    ]
    printing.table(("model", "", "made", "reached"), rows)


@app.command("show")
def show(name: Name, json: Json = False) -> None:
    """Everything about a model's versions, and every decision about its champion with its reason."""
    from trivec.cli import context, printing

    registry = context.services().registry
    versions, promotions = registry.versions(name), registry.promotions(name)
    if json:
        curves = {one.reference: registry.curves(one.reference) for one in versions}
        printing.as_json({"versions": versions, "promotions": promotions, "curves": curves})
        return
    for one in versions:
        printing.line(f"{one.reference}{' (champion)' if one.champion else ''}", style="bold")
        facts = {"made": f"{one.created_at:%F %T}", "code": one.code_version, "data": one.data_hash, **one.parameters}
        printing.table(("", ""), [*facts.items(), *one.metrics.items(), *one.tags.items()])
    for event in promotions:
        printing.line(f"{event.at:%F %T}  {event.action} {name}:{event.version}: {event.reason}")


@app.command("promote")
def promote(
    reference: Reference, reason: Annotated[str, typer.Option(help="Goes on record.")] = "promoted by hand"
) -> None:
    """Make a version the champion, whatever the gate said; its corpus is served by it from now on.

    A generation made with it is brought up to date and switched to, while the present one answers.
    """
    from trivec.cli import context, printing

    service = context.container().learning
    with printing.err.status(f"switching to {reference}"):
        service.use(reference, reason=reason)
    printing.line(f"{reference} is champion")


@app.command("rollback")
def rollback(name: Name) -> None:
    """Make the champion before champion again, and let its corpus be served by it; once more goes one further.

    After the first one nobody is champion: the corpus is served as it was before.
    """
    from trivec.cli import context, printing

    service = context.container().learning
    with printing.err.status(f"rolling back {name}"):
        reference = service.rollback(name)
    printing.line(f"{reference} is champion again" if reference else f"no version of {name} serves any more")


def _figures(version: ModelVersion) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in sorted(version.metrics.items()))
