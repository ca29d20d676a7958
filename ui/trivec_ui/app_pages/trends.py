"""Trends: topics over time and where they are going, terms that come and go, and how meanings move."""

from typing import cast, get_args

import pandas as pd
import streamlit as st

from trivec.api.schemas import CorpusAnswer
from trivec.api.trend_schemas import (
    MAX_TOPICS,
    DriftBody,
    Frequency,
    Kind,
    TermsAnswer,
    TermsBody,
    TopicBody,
    TrendsAnswer,
    TrendsBody,
)
from trivec_ui.client import ApiClient
from trivec_ui.components.corpus import ask_corpus, draw_no_corpus
from trivec_ui.components.drift import draw_topic, draw_word
from trivec_ui.components.failures import failures_in_words
from trivec_ui.components.learning_jobs import ask_training, draw_unfinished
from trivec_ui.components.question import FIRST_DAY, LAST_DAY
from trivec_ui.components.trend_chart import figure
from trivec_ui.components.trend_facts import cards_html, set_apart

AUTOMATIC = "as the corpus fills"
SERIES, TERMS, MEANING = "Topics over time", "Terms that come and go", "How meanings move"
REACH = "This day's period included. Left empty: as far as the bulk of the documents reaches."
LABELS = 200  # offered to choose from
KINDS: dict[str, Kind] = {
    "a word": "term",
    "in other words": "query",
    "a label": "label",
    "a predicted label": "predicted",
    "a cell of the map": "cell",
}


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    st.subheader("Trends")
    st.caption("How much is written about a topic, where that is going, and how good such forecasts have been.")
    corpora = client.corpora()
    if not corpora:
        draw_no_corpus("look at")
        return
    choice, what = st.columns([2, 3], vertical_alignment="bottom", gap="large")
    with choice:
        corpus = ask_corpus(corpora)
    st.query_params["corpus"] = corpus.name
    view = what.segmented_control(
        "View", [SERIES, TERMS, MEANING], default=SERIES, required=True, label_visibility="collapsed"
    )
    draw_unfinished(client, corpus=corpus.name, kind="trends")
    with failures_in_words():
        {SERIES: _draw_series, TERMS: _draw_terms, MEANING: _draw_meaning}[view](client, corpus)


def _draw_series(client: ApiClient, corpus: CorpusAnswer) -> None:
    body = _ask_series(client, corpus)
    if body is None:
        st.info("Type a topic and press Enter: a word, several ways to say it (rail|railroad), or choose a label.")
        return
    with st.spinner("Counting, forecasting, and testing the forecasts"):
        answer = client.trends(body)
    past = st.session_state.get(f"past-{corpus.name}", False)
    places = range(len(answer.trends))
    for shown in [[place] for place in places] if st.session_state.get(f"apart-{corpus.name}") else [list(places)]:
        st.plotly_chart(figure(answer, shown, past=past), width="stretch", key=f"chart-{corpus.name}-{shown}")
    about, toggles = st.columns([4, 1], vertical_alignment="center")
    about.caption(_about(answer))
    toggles.toggle("Past forecasts", key=f"past-{corpus.name}", help="What was forecast at origins of the past.")
    toggles.toggle("One chart each", key=f"apart-{corpus.name}", help="Each with a scale of its own.")
    st.html(cards_html(answer.trends, share=answer.measure == "share", helped=bool(answer.experience)))
    st.download_button(
        "Series as CSV",
        _csv(answer),
        file_name=f"{corpus.name}-trends.csv",
        mime="text/csv",
        icon=":material/download:",
    )


def _ask_series(client: ApiClient, corpus: CorpusAnswer) -> TrendsBody | None:
    topics = _ask_topics(corpus, _labels(client, corpus))
    length, measure, ahead, begin, end = st.columns([3, 2, 2, 2, 2], vertical_alignment="bottom")
    frequency = length.selectbox("By", [AUTOMATIC, *get_args(Frequency)], key=f"by-{corpus.name}")
    shares = measure.selectbox("Show", ["share", "count"], key=f"measure-{corpus.name}")
    horizon = ahead.number_input("Periods ahead", 0, 100, 0, key=f"ahead-{corpus.name}", help="0: as suits the length")
    first = begin.date_input("From", None, FIRST_DAY, LAST_DAY, key=f"from-{corpus.name}", help=REACH)
    last = end.date_input("To", None, FIRST_DAY, LAST_DAY, key=f"to-{corpus.name}", help=REACH)
    if not topics:
        return None
    return TrendsBody(
        corpus=corpus.name,
        topics=topics[:MAX_TOPICS],
        frequency=None if frequency == AUTOMATIC else cast("Frequency", frequency),
        measure="share" if shares == "share" else "count",
        horizon=horizon or None,
        date_from=first,
        date_to=last,
    )


def _ask_topics(corpus: CorpusAnswer, labels: list[str]) -> list[TopicBody]:
    words, meanings = st.columns([3, 2])
    asked: dict[Kind, list[str]] = {}
    asked["term"] = words.multiselect(
        "Terms",
        [],
        key=f"terms-{corpus.name}",
        accept_new_options=True,
        placeholder="Type a word, press Enter",
        help="Counts passages that say it. Several ways to say it with | between: railroad|railroads.",
    )
    asked["query"] = meanings.multiselect(
        "In other words",
        [],
        key=f"queries-{corpus.name}",
        accept_new_options=True,
        placeholder="A question or description",
        help="Counts the passages that are nearest in meaning, whatever their words.",
    )
    tagged, guessed, mapped = st.columns([3, 3, 2])
    asked["label"] = tagged.multiselect("Labels", labels, key=f"labels-{corpus.name}", placeholder="Choose labels")
    asked["predicted"] = guessed.multiselect(
        "Predicted labels",
        labels,
        key=f"predicted-{corpus.name}",
        accept_new_options=True,
        placeholder="Choose or type labels",
        help="Counts documents that the classifier put there, once it has learned the corpus's labels.",
    )
    asked["cell"] = mapped.multiselect(
        "Cells of the map",
        [],
        key=f"cells-{corpus.name}",
        accept_new_options=True,
        placeholder="Type a number",
        help="Counts documents in a cell; the page Map says what its number is.",
    )
    return [topic for kind, values in asked.items() for topic in _topics(kind, values)]


def _labels(client: ApiClient, corpus: CorpusAnswer) -> list[str]:
    return [each.value for each in client.facets(corpus.name, ["labels"]).get("labels", [])][:LABELS]


def _topics(kind: Kind, values: list[str]) -> list[TopicBody]:
    return [TopicBody(kind=kind, value=value.strip()) for value in values if value.strip()]


def _about(answer: TrendsAnswer) -> str:
    rests = " without weekends" if answer.business_days else ""
    helped = f" Other topics' backtests helped ({answer.experience})." if answer.experience else ""
    return (
        f"By {answer.frequency}{rests}. Dotted: forecast, with what 80 % and 95 % of outcomes stay within. "
        f"Diamonds: a new level begins. Hollow: the period is not over or cut off, and not learned from.{helped}"
        f"{set_apart(answer.left_out)}"
    )


def _csv(answer: TrendsAnswer) -> str:
    rows = [
        {
            "topic": f"{trend.topic.kind}:{trend.topic.value}",
            "period": period,
            "count": count,
            "total": total,
            "value": value,
            "partial": partial,
        }
        for trend in answer.trends
        for period, count, total, value, partial in zip(
            trend.periods, trend.counts, trend.totals, trend.values, trend.partial, strict=True
        )
    ]
    return pd.DataFrame(rows).to_csv(index=False)


def _draw_terms(client: ApiClient, corpus: CorpusAnswer) -> None:
    if not _has_report(client, corpus):
        return
    slider, _ = st.columns([2, 3])
    recent = slider.number_input(
        "Recent periods", 0, 100, 0, help="Compared with all before. 0: an eighth of them.", key=f"recent-{corpus.name}"
    )
    answer = client.terms(TermsBody(corpus=corpus.name, recent=recent or None, limit=40))
    st.caption(
        f"{answer.recent[0]} to {answer.recent[-1]} against all before, {answer.tested:,} words and pairs of words "
        f"tested. Of what is listed, 5 % at most is expected to be chance.{set_apart(answer.left_out)}"
    )
    _draw_lists(answer)


def _draw_lists(answer: TermsAnswer) -> None:
    for column, title, found in zip(
        st.columns(2, gap="large"), ("Emerging", "Fading"), (answer.emerging, answer.fading), strict=True
    ):
        column.markdown(f"**{title}**")
        if not found:
            column.caption("Nothing beyond chance.")
            continue
        table = pd.DataFrame(
            [
                {"term": each.term, "now": 100 * each.recent, "before": 100 * each.before, "times": each.times}
                for each in found
            ]
        )
        column.dataframe(
            table,
            hide_index=True,
            column_config={
                "now": st.column_config.NumberColumn(format="%.2f %%"),
                "before": st.column_config.NumberColumn(format="%.2f %%"),
                "times": st.column_config.NumberColumn("times as often", format="%.2f"),
            },
        )


def _draw_meaning(client: ApiClient, corpus: CorpusAnswer) -> None:
    topic, word = st.columns(2, gap="large")
    with topic:
        st.markdown("**A topic**")
        asked = _ask_topic(client, corpus)
        if asked is not None:
            with failures_in_words(), st.spinner("Reading its passages"):
                draw_topic(client.drift(DriftBody(corpus=corpus.name, topic=asked)))
    with word:
        st.markdown("**A word**")
        with failures_in_words():
            if _has_report(client, corpus):
                draw_word(client, corpus.name)


def _ask_topic(client: ApiClient, corpus: CorpusAnswer) -> TopicBody | None:
    which, what = st.columns([2, 3])
    kind = KINDS[which.selectbox("Kind", list(KINDS), key=f"drift-kind-{corpus.name}", label_visibility="collapsed")]
    key = f"drift-{kind}-{corpus.name}"
    if kind in ("label", "predicted"):
        labels = _labels(client, corpus)
        value = what.selectbox("Topic", labels, None, key=key, accept_new_options=True, label_visibility="collapsed")
    else:
        placeholder = {"term": "energy", "query": "where power comes from"}.get(kind, "17")
        value = what.text_input("Topic", placeholder=placeholder, key=key, label_visibility="collapsed")
    return next(iter(_topics(kind, [value or ""])), None)


def _has_report(client: ApiClient, corpus: CorpusAnswer) -> bool:
    """Whether there is a report; where there is none, how to get one."""
    model = next((each for each in client.models() if each.name == f"{corpus.name}.trends"), None)
    if model is not None and model.champion is not None:
        return True
    st.info("This needs a report, which is made every day, or now:", icon=":material/summarize:")
    ask_training(client, corpus.name, "trends", again=model is not None)
    return False


main()
