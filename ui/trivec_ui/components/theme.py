"""Looks that Streamlit's theme cannot express: hit cards, highlights and source badges, as one style sheet."""

import streamlit as st

SOURCE_COLOURS = {
    "bm25": "#b45309",
    "word2vec": "#0f766e",
    "glove": "#6d28d9",
    "bert": "#1d4ed8",
    "fused": "#be123c",
}
OTHER_SOURCE_COLOUR = "#475569"

STYLE = """
<style>
.block-container { max-width: 1180px; padding-top: 5rem; }
.hit-title { font-size: 1.08rem; font-weight: 650; line-height: 1.35; margin: 0; }
.hit-meta { color: #5b6478; font-size: 0.84rem; margin: 0.1rem 0 0.45rem; }
.hit-text { line-height: 1.55; margin: 0 0 0.6rem; overflow-wrap: anywhere; }
.hit-text mark, .full-text mark { background: #fff0b3; color: inherit; padding: 0 0.1em; border-radius: 0.2em; }
.full-text { white-space: pre-wrap; line-height: 1.6; overflow-wrap: anywhere; }
.full-text .passage { background: #eef2ff; border-radius: 0.3rem; }
.hit-sources { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; font-size: 0.8rem; }
.badge { border: 1px solid currentColor; border-radius: 1rem; padding: 0.02rem 0.6rem; white-space: nowrap; }
.badge b { font-weight: 650; }
.shares { display: flex; height: 0.4rem; width: 9rem; border-radius: 0.2rem; overflow: hidden; background: #e8ebf3; }
.facets { font-size: 0.82rem; color: #5b6478; margin: 0 0 0.3rem; }
.facets b { color: #1c2333; font-weight: 600; }
.score { color: #5b6478; font-variant-numeric: tabular-nums; }
.summary { color: #5b6478; font-size: 0.9rem; }
</style>
"""


LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="132" height="32" viewBox="0 0 132 32">
<g fill-opacity="0.75"><circle cx="11" cy="12" r="7" fill="#1d4ed8"/><circle cx="21" cy="12" r="7" fill="#0f766e"/>
<circle cx="16" cy="20" r="7" fill="#6d28d9"/></g>
<text x="36" y="23" font-family="system-ui, sans-serif" font-size="21" font-weight="700" fill="#1c2333">Trivec</text>
</svg>"""


def apply_theme() -> None:
    """Adds the style sheet and the logo to the page."""
    st.html(STYLE)
    st.logo(LOGO, size="large")


def source_colour(source: str) -> str:
    """The colour that stands for a named vector on every page."""
    return SOURCE_COLOURS.get(source, OTHER_SOURCE_COLOUR)
