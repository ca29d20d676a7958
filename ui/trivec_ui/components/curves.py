"""Figures taken while versions were trained, as small charts side by side."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from trivec.api.learning_schemas import VersionAnswer
from trivec_ui.components.metrics import title

SHOWN = 5  # newest versions that have curves
SERVES, OTHERS = "#3056d3", ["#b45309", "#0f766e", "#6d28d9", "#64748b", "#be123c"]


def draw_curves(versions: Sequence[VersionAnswer]) -> None:
    """Draws a chart for each figure, a line for each version.

    Args:
        versions: newest first.
    """
    shown = [version for version in versions if any(version.curves.values())][:SHOWN]
    if not shown:
        st.caption("No figures were taken while these versions were trained.")
        return
    table = pd.DataFrame([row for version in shown for row in _rows(version)])
    names = list(dict.fromkeys(table["figure"]))
    for column, name in zip(st.columns(max(2, len(names))), names, strict=False):
        column.altair_chart(_chart(table[table["figure"] == name], shown, name))


def _rows(version: VersionAnswer) -> list[dict[str, object]]:
    return [
        {"version": _label(version), "figure": name, "step": step, "value": value}
        for name, values in version.curves.items()
        for step, value in enumerate(values, start=1)
        if value is not None
    ]


def _label(version: VersionAnswer) -> str:
    return f"version {version.version}{' (serves)' if version.champion else ''}"


def _chart(table: pd.DataFrame, versions: Sequence[VersionAnswer], name: str) -> alt.Chart:
    colours = iter(OTHERS)
    scale = alt.Scale(
        domain=[_label(version) for version in versions],
        range=[SERVES if version.champion else next(colours) for version in versions],
    )
    heading = alt.TitleParams(title(name), anchor="start", fontSize=13)
    legend = alt.Legend(title=None, orient="bottom", symbolType="stroke")
    lines: alt.Chart = (
        alt.Chart(table, title=heading)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("step:Q", title=None, axis=alt.Axis(format="d", tickMinStep=1, grid=False)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
            color=alt.Color("version:N", scale=scale, legend=legend),
            tooltip=["version:N", "step:Q", alt.Tooltip("value:Q", format=".4f")],
        )
        .properties(height=280)
    )
    return lines
