"""Looks that Streamlit's theme cannot express: hits, trees of chances, tables of versions, as one style sheet."""

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
.facts { text-align: right; margin: 0 0 0.5rem; }
.column-head { color: #5b6478; font-size: 0.9rem; font-weight: 600; margin: 0 0 0.5rem; }
.clipped { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.verdict { border-left: 0.3rem solid #3056d3; padding: 0.1rem 0 0.1rem 0.9rem; margin: 0.2rem 0 0.6rem; }
.verdict.none { border-color: #94a3b8; }
.verdict-path { font-size: 1.35rem; font-weight: 650; line-height: 1.35; margin: 0; }
.verdict-why { color: #5b6478; font-size: 0.95rem; margin: 0.15rem 0 0; }
.under { color: #94a3b8; font-weight: 400; }
ul.tree, ol.decisions { list-style: none; margin: 0; padding: 0; }
ul.tree > li, ol.decisions > li { margin: 0; }
ul.tree ul.tree { margin-left: 0.55rem; padding-left: 0.95rem; border-left: 1px solid #dfe3ee; }
.tree > li { padding: 0; font-size: 0.92rem; }
.chance { display: flex; align-items: center; gap: 0.7rem; line-height: 1.85; }
.chance-label { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chance-bar { flex: 0 0 8rem; height: 0.55rem; border-radius: 0.3rem; background: #eef0f6; overflow: hidden; }
.chance-bar span { display: block; height: 100%; background: #b3bdd3; border-radius: 0.3rem; }
.chance-share { flex: 0 0 3.2rem; text-align: right; font-variant-numeric: tabular-nums; }
.other > .chance { color: #5b6478; }
.chosen > .chance { font-weight: 650; }
.chosen > .chance .chance-bar span { background: #3056d3; }
.example { border-top: 1px solid #e8ebf3; padding: 0.55rem 0 0.1rem; }
.example-labels { font-size: 0.85rem; color: #5b6478; margin: 0 0 0.2rem; }
.example-labels b { color: #3056d3; font-weight: 600; }
.example-text { font-size: 0.88rem; line-height: 1.5; margin: 0 0 0.2rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; max-height: 26rem; border: 1px solid #dfe3ee; border-radius: 0.5rem; }
.versions { border-collapse: collapse; width: 100%; font-size: 0.88rem; margin: 0; }
.versions th { color: #5b6478; font-weight: 500; text-align: left; background: #f5f6fa; position: sticky; top: 0; }
.versions th, .versions td { padding: 0.45rem 0.7rem; border: none; border-bottom: 1px solid #e8ebf3; }
.versions tr:last-child td { border-bottom: none; }
.versions td { white-space: nowrap; }
.versions th { vertical-align: bottom; line-height: 1.3; }
.versions .number { text-align: right; font-variant-numeric: tabular-nums; }
.versions .best { font-weight: 700; color: #15803d; }
.versions .champion td { background: #f3f6ff; }
.state { margin-left: 0.6rem; border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.78rem; font-weight: 600; }
.state.serves { background: #3056d3; color: #fff; }
.state.refused { background: #fdecec; color: #b42318; }
ol.decisions { margin: 0.2rem 0 0 0.35rem; border-left: 2px solid #dfe3ee; }
ol.decisions > li { position: relative; padding: 0 0 0.9rem 1.2rem; }
.decisions > li::before { content: ""; position: absolute; left: -0.42rem; top: 0.42rem; width: 0.7rem; height: 0.7rem;
  border-radius: 50%; background: #15803d; box-shadow: 0 0 0 3px #fff; }
.decisions .refuse::before { background: #b42318; }
.decisions .rollback::before, .decisions .withdraw::before { background: #b45309; }
.decision-head { margin: 0; font-size: 0.95rem; }
.decision-head span { color: #5b6478; font-size: 0.82rem; margin-left: 0.7rem; }
.decision-why { color: #475069; font-size: 0.88rem; margin: 0.1rem 0 0; overflow-wrap: anywhere; }
.decision-why::first-letter { text-transform: uppercase; }
.trend-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 0.9rem; }
.trend-card { border: 1px solid #dfe3ee; border-left: 0.3rem solid; border-radius: 0.5rem; padding: 0.6rem 0.9rem; }
.trend-card h5, .word-slices h5 { margin: 0 0 0.3rem; padding: 0; font-size: 0.98rem; font-weight: 650; }
.trend-card p { margin: 0 0 0.35rem; font-size: 0.87rem; line-height: 1.45; color: #475069; }
.trend-card em { color: #b42318; font-style: normal; font-weight: 600; }
.word-slices { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 0.8rem; }
.word-slices h5 { font-size: 0.85rem; color: #5b6478; }
.word-slices ol { list-style: none; margin: 0; padding: 0; font-size: 0.9rem; }
.word-slices li { margin: 0; padding: 0; line-height: 1.7; }
.word-slices .new { font-weight: 650; color: #3056d3; }
.map-words { font-size: 1.05rem; font-weight: 600; margin: 0 0 0.3rem; }
.map-course { display: flex; align-items: flex-end; gap: 0.8rem; }
.course { display: flex; align-items: flex-end; gap: 2px; width: 12rem; height: 2.2rem; }
.course span { flex: 1; background: #3056d3; border-radius: 1px 1px 0 0; }
.map-document { border-top: 1px solid #e8ebf3; padding-top: 0.5rem; }
[class*="st-key-show-"] button, [class*="st-key-show-"] button > * { justify-content: flex-start; }
[class*="st-key-show-"] button { padding: 0.15rem 0.6rem; min-height: 2rem; }
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
