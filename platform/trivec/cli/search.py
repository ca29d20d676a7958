"""`trivec search`: ask a corpus, and see why each hit is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trivec.api.schemas import SearchBody
    from trivec.services.search_records import SearchResult

_FILTERS = "Filters"


def search(
    query: Annotated[str, typer.Argument(metavar='"WORDS"', help="A question, words, a whole text.")],
    corpus: Annotated[str, typer.Option(help="Where to look.", show_default=False)],
    using: Annotated[str, typer.Option(help="Named vectors, comma-separated, like bm25,bert; the best hybrid.")] = "",
    fusion: Annotated[str, typer.Option(help="hybrid, rrf or weighted_rrf.")] = "hybrid",
    weights: Annotated[str, typer.Option(help="Like bm25=.4,bert=.6.")] = "",
    limit: Annotated[int, typer.Option(help="Hits to show.")] = 10,
    offset: Annotated[int, typer.Option(help="Hits to skip.")] = 0,
    start: Annotated[str | None, typer.Option("--from", help="Earliest date.", rich_help_panel=_FILTERS)] = None,
    end: Annotated[str | None, typer.Option("--to", help="Before this date.", rich_help_panel=_FILTERS)] = None,
    label: Annotated[list[str] | None, typer.Option(help="May be repeated.", rich_help_panel=_FILTERS)] = None,
    source: Annotated[list[str] | None, typer.Option(help="May be repeated.", rich_help_panel=_FILTERS)] = None,
    language: Annotated[list[str] | None, typer.Option(help="Like en.", rich_help_panel=_FILTERS)] = None,
    metadata: Annotated[list[str] | None, typer.Option(help="KEY=VALUE.", rich_help_panel=_FILTERS)] = None,
    facets: Annotated[str, typer.Option(help="Count hits by these, like labels,source.")] = "",
    histogram: Annotated[str | None, typer.Option(help="Count hits by day, month, year or decade.")] = None,
    diversity: Annotated[float, typer.Option(help="0 is relevance alone, 1 is variety.")] = 0.0,
    explain: Annotated[bool, typer.Option("--explain", help="Say what made each score.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write everything found to a .parquet, .csv or .jsonl file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what POST /v1/search answers.")] = False,
) -> None:
    """Search a corpus. "Quoted phrases" must occur, -excluded words must not.

    trivec search "the state of the navy" --corpus sotu
    trivec search '"foreign relations" -spain' --corpus sotu --from 1861 --to 1901 --explain
    trivec search "rain" --corpus news --using bm25,fused --fusion rrf --label weather --json
    """
    from trivec.api import views
    from trivec.api.requests import search_request
    from trivec.cli import context, dates, exporting, printing

    conditions = {
        "date_from": dates.first_day(start),
        "date_to": dates.first_day(end),
        "labels": label or [],
        "sources": source or [],
        "languages": language or [],
        "metadata": _pairs(metadata or []),
    }
    body = _body(
        query=query,
        corpus=corpus,
        using=_names(using) or None,
        fusion=fusion,
        weights={name: _number(value, "weight") for name, value in map(_split, _names(weights))},
        limit=limit,
        offset=offset,
        filters=conditions,
        facets=_names(facets),
        histogram=histogram,
        diversity=diversity,
        explain=explain,
    )
    services = context.container()
    if export:
        kind = exporting.kind_of(export)
        services.corpora.export_results(services.search, search_request(body), format=kind, path=export)
        printing.note(f"written to {export}")
        return
    result = services.search.search(search_request(body))
    if json:
        printing.as_json(views.search_result(result, explain=explain))
    else:
        show(result, explain=explain)


def _body(**fields: Any) -> SearchBody:
    from pydantic import ValidationError

    from trivec.api.schemas import SearchBody
    from trivec.errors import BadQuery

    try:
        return SearchBody(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadQuery(f"{where} {first['input']!r}: {first['msg']}") from error


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _split(pair: str) -> tuple[str, str]:
    from trivec.errors import BadQuery

    name, equals, value = pair.partition("=")
    if not equals:
        raise BadQuery(f"{pair!r} is no pair: write NAME=VALUE")
    return name.strip(), value.strip()


def _pairs(given: list[str]) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for name, value in map(_split, given):
        pairs.setdefault(name, []).append(value)
    return pairs


def _number(text: str, what: str) -> float:
    from trivec.errors import BadQuery

    try:
        return float(text)
    except ValueError as error:
        raise BadQuery(f"the {what} {text!r} is no number") from error


def show(result: SearchResult, *, explain: bool) -> None:
    """Hits, counts and what went wrong, for people."""
    from trivec.cli import hits, printing

    for number, hit in enumerate(result.hits, 1):
        printing.out.print(hits.heading(number, hit))
        printing.out.print(hits.passage(hit), soft_wrap=False)
        if explain:
            printing.out.print(hits.reasons(hit))
        printing.line()
    for key, counts in result.facets.items():
        printing.line(f"{key}: " + ", ".join(f"{each.value} ({each.count:,})" for each in counts), style="dim")
    if result.histogram is not None:
        printing.table(("when", "documents"), [(each.value, each.count) for each in result.histogram])
    for problem in result.degraded:
        printing.note(problem, style="yellow")
    printing.note(f"{len(result.hits)} of {result.total:,} documents found, {result.took_ms:.0f} ms")
