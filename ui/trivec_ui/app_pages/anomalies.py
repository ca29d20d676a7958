"""Anomalies: the oddest documents and why, a text of one's own, drift of what comes in, near-duplicates."""

import streamlit as st

from trivec.api.anomaly_schemas import (
    MAX_CHARACTERS,
    ExplainBody,
    ExplainedAnswer,
    MarkBody,
    UnusualBody,
    UnusualPassageAnswer,
)
from trivec.api.schemas import CorpusAnswer
from trivec.records import Verdict
from trivec_ui.client import ApiClient, ApiError
from trivec_ui.components.corpus import ask_corpus, draw_no_corpus
from trivec_ui.components.failures import failures_in_words
from trivec_ui.components.learning_jobs import ask_training, draw_unfinished
from trivec_ui.components.oddity import (
    disagreement,
    heading_html,
    nearest_html,
    plain_html,
    text_html,
    traits_html,
    verdict_html,
    views_html,
)

ODDEST, TEXT, COPIES = "Oddest documents", "A text", "Near-duplicates"
SHOWN = 10
SIMILAR = 3
GROUPS = 30


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    st.subheader("Anomalies")
    st.caption("What is unlike the rest of a corpus, by meaning, words, form or spelling, and why.")
    corpora = client.corpora()
    if not corpora:
        draw_no_corpus("look at")
        return
    choice, facts = st.columns([2, 3], vertical_alignment="bottom", gap="large")
    with choice:
        corpus = ask_corpus(corpora)
    st.query_params["corpus"] = corpus.name
    working = draw_unfinished(client, corpus=corpus.name, kind="anomalies")
    model = next((each for each in client.models() if each.name == f"{corpus.name}.anomalies"), None)
    if model is None or model.champion is None:
        if not working:
            st.info(f"What is usual in *{corpus.name}* is not learned yet.", icon=":material/model_training:")
            ask_training(client, corpus.name, "anomalies")
        return
    with failures_in_words():
        _draw_drift(facts, client, corpus, working=working)
        what = st.segmented_control(
            "View", [ODDEST, TEXT, COPIES], default=ODDEST, required=True, label_visibility="collapsed"
        )
        {ODDEST: _draw_oddest, TEXT: _draw_text, COPIES: _draw_copies}[what](client, corpus)


def _draw_drift(
    place: st.delta_generator.DeltaGenerator, client: ApiClient, corpus: CorpusAnswer, *, working: bool
) -> None:
    try:
        said = client.anomaly_drift(corpus.name)
    except ApiError:  # its vectors are made in another way since
        if not working:
            ask_training(client, corpus.name, "anomalies", again=True)
        raise
    if said.state == "drifted":
        place.warning(
            f"{said.advice} ({said.incoming:,} new documents, p = {said.p_value:.3f})", icon=":material/moving:"
        )
        if not working:
            with place:
                ask_training(client, corpus.name, "anomalies", again=True)
        return
    tested = f"Drift: <b>none</b>, p = {said.p_value:.2f}" if said.p_value is not None else "Drift: too few to tell"
    place.html(f'<p class="summary facts">{said.incoming:,} new documents since {said.since:%d %B %Y} · {tested}</p>')


def _draw_oddest(client: ApiClient, corpus: CorpusAnswer) -> None:
    answer = client.unusual(UnusualBody(corpus=corpus.name, limit=SHOWN))
    if answer.scored < answer.passages:
        st.caption(f"{answer.scored:,} of {answer.passages:,} passages are scored so far.")
    if not answer.found:
        st.info("Nothing is scored yet: that happens every hour, or when it is learned again.")
    for rank, found in enumerate(answer.found, start=1):
        with st.container(border=True, key=f"odd-{rank}"):
            _draw_found(client, corpus, found, rank)


def _draw_found(client: ApiClient, corpus: CorpusAnswer, found: UnusualPassageAnswer, rank: int) -> None:
    text, why = st.columns([3, 2], gap="large")
    text.html(heading_html(found, rank))
    key = f"{corpus.name}-{found.document_id}-{found.passage_number}"
    explained = st.session_state.get(f"why-{key}")
    with text:
        st.html(plain_html(found.text) if explained is None else text_html(explained.text, explained.words))
        with st.container(horizontal=True):
            if explained is None and st.button("Why?", key=f"ask-{key}", icon=":material/help:"):
                with st.spinner("Leaving out one word after the other"):
                    body = ExplainBody(
                        corpus=corpus.name,
                        document_id=found.document_id,
                        passage_number=found.passage_number,
                        similar=SIMILAR,
                    )
                    st.session_state[f"why-{key}"] = client.explain_anomaly(body)
                st.rerun()
            _draw_mark(client, corpus, found, "fine", ":material/check:")
            _draw_mark(client, corpus, found, "odd", ":material/flag:")
    with why:
        st.html(views_html(found.anomaly.views))
        st.caption(disagreement(found.anomaly.views, found.anomaly.p_value))
        if explained is not None:
            _draw_reasons(explained)


def _draw_mark(
    client: ApiClient, corpus: CorpusAnswer, found: UnusualPassageAnswer, verdict: Verdict, icon: str
) -> None:
    marked = found.mark == verdict
    label = f"Marked {verdict}" if marked else verdict.capitalize()
    if st.button(
        label,
        key=f"{verdict}-{found.document_id}-{found.passage_number}",
        icon=icon,
        type="primary" if marked else "secondary",
    ):
        client.mark_anomaly(
            MarkBody(
                corpus=corpus.name,
                document_id=found.document_id,
                passage_number=found.passage_number,
                mark=None if marked else verdict,
            )
        )
        st.rerun()


def _draw_reasons(said: ExplainedAnswer) -> None:
    if said.traits:
        st.html(f'<p class="column-head">How it is written</p>{traits_html(said.traits)}')
    if said.nearest:
        st.html(f'<p class="column-head">Nearest usual passages</p>{nearest_html(said.nearest)}')


def _draw_text(client: ApiClient, corpus: CorpusAnswer) -> None:
    with st.form("text", border=False):
        title = st.text_input(
            "Title", placeholder="Title, where the corpus's documents have one", label_visibility="collapsed"
        )
        text = st.text_area(
            "Text", placeholder="Paste a text", height=110, max_chars=MAX_CHARACTERS, label_visibility="collapsed"
        )
        asked = st.form_submit_button("Judge", type="primary", icon=":material/troubleshoot:")
    if asked and not text.strip():
        st.error("There is nothing to judge: paste a text first.")
    elif text.strip():
        with st.spinner("Leaving out one word after the other"):
            said = client.explain_anomaly(ExplainBody(corpus=corpus.name, text=text, title=title, similar=SIMILAR))
        st.html(verdict_html(said))
        if not title and any(near.title for near in said.nearest):
            st.caption(
                "The corpus's documents have titles. Without one, a text looks odder than it is: give one above."
            )
        left, right = st.columns([3, 2], gap="large")
        left.html(text_html(said.text, said.words if said.p_value <= 0.5 else ()))
        with right:
            st.html(views_html(said.views))
            st.caption(disagreement(said.views, said.p_value))
            _draw_reasons(said)


def _draw_copies(client: ApiClient, corpus: CorpusAnswer) -> None:
    answer = client.duplicates(corpus.name)
    st.caption(
        f"{len(answer.groups):,} groups of documents that share most of their word sequences, among "
        f"{answer.documents:,} documents, as of {answer.made_at:%d %B %Y}."
    )
    for group in answer.groups[:GROUPS]:
        with st.container(border=True):
            st.html(
                f'<p class="hit-title">{group.size} documents <span class="badge" style="color:#475069">'
                f"{group.similarity:.0%} alike at least</span></p>{plain_html(group.text)}"
            )
            st.caption(", ".join(group.document_ids))


main()
