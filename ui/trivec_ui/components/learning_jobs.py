"""Learning jobs: started, watched live with a button to stop them, and those that ended as a table."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from trivec.api.learning_schemas import LearningAnswer, LearningBody
from trivec.records import Scalar
from trivec_ui.client import ApiClient
from trivec_ui.components.failures import failures_in_words
from trivec_ui.components.jobs import ENDED, REFRESH_SECONDS

KINDS = {
    "taxonomy": "Classifier",
    "fusion": "Fused vector",
    "vectors": "Word vectors",
    "map": "Map",
    "anomalies": "Anomaly model",
    "trends": "Report of trends",
}
MEANINGS = {
    "taxonomy": "Learns the corpus's labels and, if it is better than the one in use, labels every document.",
    "fusion": "Learns one vector from all the others. If it is better, the corpus is searched with it.",
    "anomalies": "Learns what is usual in the corpus, scores every passage, and looks for near-duplicates.",
    "map": "Lays all documents out so that what is alike lies together, and gives every one its place.",
    "trends": "Reads the corpus once: terms that come and go, words in slices of time, forecasts tested on its topics.",
    "vectors": "Learns Word2Vec and word weights anew, in a generation of their own that then serves.",
}


def ask_training(client: ApiClient, corpus: str, kind: str, *, again: bool = False) -> None:
    """Draws a button that has something trained, and what may be chosen about it.

    Args:
        client: of the API.
        corpus: to learn from.
        kind: one of `KINDS`.
        again: whether there is a version of it already.
    """
    st.caption(MEANINGS[kind])
    parameters: Mapping[str, Scalar] = _ask_tuning(corpus) if kind == "taxonomy" else {}
    label = f"Train the {KINDS[kind].lower()}{' again' if again else ''}"
    if st.button(label, key=f"train-{kind}-{corpus}", icon=":material/play_arrow:"):
        with failures_in_words():
            client.learn(LearningBody.model_validate({"kind": kind, "corpus": corpus, "parameters": parameters}))
            st.rerun()  # the page then shows how far it is


def draw_unfinished(client: ApiClient, *, corpus: str = "", kind: str = "") -> bool:
    """Draws the jobs that wait or run, again every second until they have ended; returns whether there are any.

    Args:
        client: of the API.
        corpus: only its jobs; "" for those of all.
        kind: only jobs of this kind; "" for all.
    """
    found = [job.id for job in _unfinished(client.learning_jobs(), corpus, kind)]
    if found:
        st.fragment(_draw_live, run_every=REFRESH_SECONDS)(client, corpus, kind, found)
    return bool(found)


def draw_ended(jobs: Sequence[LearningAnswer]) -> None:
    """Draws the jobs that have ended, newest first, with what came of them."""
    ended = [job for job in jobs if job.state in ENDED]
    if not ended:
        st.caption("None has ended yet.")
        return
    st.dataframe(
        pd.DataFrame([_row(job) for job in ended]),
        hide_index=True,
        column_config={
            "submitted": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "outcome": st.column_config.TextColumn(width="large"),
        },
    )


def outcome(job: LearningAnswer) -> str:
    """What came of a job that has ended, in a sentence or two."""
    if job.state != "done":
        return job.error
    said = [str(job.result[name]) for name in ("reference", "verdict") if job.result.get(name)]
    if job.result.get("promoted") is False:
        said.insert(1, "refused")
    if job.result.get("classified"):
        said.append(f"{job.result['classified']:,} documents classified")
    if "verdict" not in job.result and "generation" in job.result:
        said.append(f"generation {job.result['generation']} serves")
    return " · ".join(said)


def _ask_tuning(corpus: str) -> Mapping[str, Scalar]:
    tuned = st.checkbox(
        "Fine-tune a sentence encoder as well",
        value=True,
        key=f"tune-{corpus}",
        help="Minutes instead of seconds. It is kept only where documents held back show that it helps.",
    )
    return {} if tuned else {"tune": ""}


def _unfinished(jobs: Sequence[LearningAnswer], corpus: str, kind: str) -> list[LearningAnswer]:
    mine = (job for job in jobs if corpus in ("", job.corpus) and kind in ("", job.kind))
    return [job for job in mine if job.state not in ENDED]


def _draw_live(client: ApiClient, corpus: str, kind: str, known: Sequence[str]) -> None:
    with failures_in_words():
        unfinished = _unfinished(client.learning_jobs(), corpus, kind)
        if [job.id for job in unfinished] != known:
            st.rerun()  # what came of them belongs to the page
        for job in unfinished:
            _draw_running(client, job)


def _draw_running(client: ApiClient, job: LearningAnswer) -> None:
    with st.container(border=True, key=f"learning-{job.id}"):
        words, button = st.columns([6, 1], vertical_alignment="center")
        words.markdown(f"**{KINDS[job.kind]} of {job.corpus}: {job.state}**")
        if button.button("Cancel", key=f"cancel-{job.id}", width="stretch"):
            client.cancel_learning(job.id)
        st.progress(min(1.0, max(0.0, job.share)), text=job.step or "beginning")


def _row(job: LearningAnswer) -> dict[str, object]:
    took = job.finished_at - job.started_at if job.finished_at and job.started_at else None
    return {
        "submitted": job.submitted_at,
        "corpus": job.corpus,
        "what": KINDS[job.kind],
        "state": job.state,
        "took": f"{took.total_seconds():,.0f} s" if took else "",
        "outcome": outcome(job),
    }
