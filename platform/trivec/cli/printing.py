"""What commands print: tables and lines for people, JSON for programs; errors as one red line."""

import sys
from collections.abc import Iterable, Sequence

import orjson
from rich.console import Console
from rich.table import Table

_PIPED_WIDTH = None if sys.stdout.isatty() else 160

out = Console(highlight=False, soft_wrap=True, width=_PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def as_json(value: object) -> None:
    """One JSON value on standard output."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    out.out(orjson.dumps(value, option=option, default=str).decode(), highlight=False)


def line(text: str = "", *, style: str | None = None) -> None:
    """One line for people; square brackets in it are just brackets."""
    out.print(text, style=style, markup=False)


def note(text: str, *, style: str = "dim") -> None:
    """One line beside the results, on standard error."""
    err.print(text, style=style, markup=False)


def failure(message: str) -> None:
    """One red line on standard error."""
    err.print(f"error: {message}", style="red", markup=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """A table; numbers go right."""
    shown = [list(row) for row in rows]
    grid = Table(title=title or None, box=None, header_style="bold", pad_edge=False)
    for index, column in enumerate(columns):
        numeric = bool(shown) and all(isinstance(row[index], int | float) for row in shown)
        grid.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in shown:
        grid.add_row(*(_cell(value) for value in row))
    out.print(grid, markup=False)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, int):
        text = f"{value:,}"
    elif isinstance(value, float):
        text = f"{value:,.4f}"
    else:
        text = "" if value is None else str(value)
    return text.replace("[", r"\[")
