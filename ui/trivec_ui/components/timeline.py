"""How many of the matching documents each period holds, as a small bar chart."""

import altair as alt
import pandas as pd
import streamlit as st

from trivec.api.schemas import FacetAnswer


def draw_timeline(counts: list[FacetAnswer]) -> None:
    """Draws bars in order of time; nothing for fewer than two periods."""
    if len(counts) < 2:
        return
    table = pd.DataFrame([{"period": count.value, "documents": count.count} for count in counts])
    bars = (
        alt.Chart(table)
        .mark_bar(color="#9db2ef")
        .encode(
            x=alt.X("period:O", title=None, axis=alt.Axis(labelOverlap=True, labelAngle=0)),
            y=alt.Y("documents:Q", title=None, axis=None),
            tooltip=["period", "documents"],
        )
    )
    st.altair_chart(bars.properties(height=110))
