"""How meanings move: a topic's path and what lies ahead of it; a word's company in slices of time."""

from html import escape
from textwrap import shorten

import plotly.graph_objects as go
import streamlit as st

from trivec.api.trend_schemas import DriftAnswer, WordDriftAnswer
from trivec_ui.client import ApiClient
from trivec_ui.components.trend_chart import COLOURS
from trivec_ui.components.trend_facts import set_apart

PASSAGE = 260  # characters of one that is shown
WORDS = 24  # that moved most, to choose from


def draw_topic(answer: DriftAnswer) -> None:
    """Draws how far a topic moved, and what lies where it would be next."""
    drawn = go.Figure()
    drawn.add_bar(x=answer.periods, y=answer.steps, name="step", marker_color="#b3bdd3")
    drawn.add_scatter(x=answer.periods, y=answer.travelled, name="from its beginning", line={"color": COLOURS[0]})
    drawn.update_layout(
        height=260,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        plot_bgcolor="#fff",
        xaxis={"type": "category", "showgrid": False},
        yaxis={"title": "cosine distance", "gridcolor": "#eef0f6", "rangemode": "tozero"},
    )
    st.plotly_chart(drawn, width="stretch")
    st.caption(
        "Bars: how far its centre moved from one stretch of time to the next, beyond what drawing other passages makes "
        f"({answer.using} vectors). {_expected(answer)}{set_apart(answer.left_out)}"
    )
    st.html(f"<p><b>More where it is heading:</b> {_list(answer.terms)}</p>")
    st.html(f"<p><b>More where it began:</b> {_list(answer.left_terms)}</p>")
    for near in answer.near:
        about = " · ".join(filter(None, (f"{near.date:%Y}" if near.date else "", escape(near.title))))
        text = escape(shorten(near.passage, PASSAGE, placeholder=" …"))
        st.html(f'<div class="example"><p class="example-labels">{about}</p><p>{text}</p></div>')


def draw_word(client: ApiClient, corpus: str) -> None:
    """Asks for a word, offers those that moved most, and draws its neighbours in each slice."""
    moved = [each.word for each in client.moved_words(corpus, limit=WORDS).words]
    word = st.selectbox(
        "Word",
        moved,
        index=None,
        key=f"word-{corpus}",
        accept_new_options=True,
        placeholder="Choose one that moved far, or type one",
        label_visibility="collapsed",
    )
    if word:
        answer = client.word_drift(corpus, word)
        st.html(neighbours_html(answer))
        further = "further" if answer.score >= 0 else "less far"
        st.caption(
            f"Its nearest words in each slice of time. From the first to the last it moved {abs(answer.score):.1f} "
            f"standard deviations {further} than words as frequent usually do."
        )


def neighbours_html(answer: WordDriftAnswer) -> str:
    """A column for each slice, nearest words first; those that were not there before stand out."""
    columns = []
    before: set[str] = set()
    for number, (name, near) in enumerate(zip(answer.slices, answer.neighbours, strict=True)):
        rows = "".join(
            f'<li class="{"new" if number and each.word not in before else ""}">{escape(each.word)}</li>'
            for each in near
        )
        before = {each.word for each in near}
        columns.append(f"<div><h5>{escape(name)}</h5><ol>{rows}</ol></div>")
    return f'<div class="word-slices">{"".join(columns)}</div>'


def _expected(answer: DriftAnswer) -> str:
    if answer.moving:
        errors = f"such forecasts erred by {answer.error:.3f}, forecasts that it stays by {answer.error_of_staying:.3f}"
        return f"It goes on moving, beyond chance: {errors}."
    return "That it goes on moving was no better a forecast of its past, beyond chance, than that it stays."


def _list(words: list[str]) -> str:
    return escape(", ".join(words)) or "nothing"
