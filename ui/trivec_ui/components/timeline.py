"""How many of the documents found each stretch of years holds, as a small bar chart."""

import altair as alt
import pandas as pd
import streamlit as st

from trivec.api.schemas import FacetAnswer


def draw_timeline(counts: list[FacetAnswer]) -> None:
    """Draws bars in order of time; nothing for fewer than two years."""
    if len(counts) < 2:
        return
    table = pd.DataFrame([{"year": int(count.value), "documents": count.count} for count in counts])
    years = alt.Bin(maxbins=80, minstep=1)
    bars = (
        alt.Chart(table)
        .mark_bar(color="#9db2ef")
        .encode(
            x=alt.X("year:Q", title=None, bin=years, axis=alt.Axis(format="d", grid=False)),
            y=alt.Y("sum(documents):Q", title=None, axis=None),
            tooltip=[alt.Tooltip("year:Q", bin=years, format="d"), alt.Tooltip("sum(documents):Q", title="documents")],
        )
    )
    st.altair_chart(bars.properties(height=110))
