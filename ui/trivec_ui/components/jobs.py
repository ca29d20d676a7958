"""Jobs: one of them live, and all of them as a table."""

import pandas as pd
import streamlit as st

from trivec.api.ingest_schemas import JobAnswer
from trivec_ui.client import ApiClient
from trivec_ui.components.failures import failures_in_words

ENDED = ("done", "failed", "cancelled")
REFRESH_SECONDS = 1.0
COLUMNS = ["started_at", "corpus", "state", "read", "stored", "skipped", "rejected", "failed", "id"]


def draw_job(client: ApiClient, job_id: str) -> None:
    """Draws where a job stands, again every second until it has ended."""
    ended = client.job(job_id).state in ENDED
    st.fragment(_draw_status, run_every=None if ended else REFRESH_SECONDS)(client, job_id)


def draw_jobs(client: ApiClient) -> None:
    """Draws every job, newest first."""
    jobs = client.jobs()
    if not jobs:
        return
    st.markdown("**Jobs**")
    table = pd.DataFrame([job.model_dump(include=set(COLUMNS)) for job in jobs], columns=COLUMNS)
    chosen = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"started_at": st.column_config.DatetimeColumn("started", format="YYYY-MM-DD HH:mm")},
    )
    selected = chosen["selection"]["rows"]
    if selected and jobs[selected[0]].id != st.session_state.get("job"):
        draw_job(client, jobs[selected[0]].id)


def _draw_status(client: ApiClient, job_id: str) -> None:
    with failures_in_words():
        _draw_card(client, client.job(job_id))


def _draw_card(client: ApiClient, job: JobAnswer) -> None:
    with st.container(border=True):
        st.markdown(f"**{_headline(job)}**")
        st.progress(_share(job), text=job.message or None)
        _draw_counts(job)
        _draw_actions(client, job)
    if job.state in ENDED and st.session_state.get("ended") != job.id:
        st.session_state["ended"] = job.id
        st.rerun()  # the fragment stops refreshing


def _headline(job: JobAnswer) -> str:
    if job.state == "done":
        return f"{job.corpus}: done, {job.stored + job.skipped:,} documents are there"
    left = f", about {job.seconds_left:.0f} s left" if job.seconds_left is not None else ""
    speed = f", {job.documents_per_second:.0f} documents/s" if job.documents_per_second else ""
    return f"{job.corpus}: {job.state}{speed}{left}"


def _share(job: JobAnswer) -> float:
    settled = job.stored + job.skipped + job.failed
    return 1.0 if job.state == "done" else min(settled / job.read, 1.0) if job.read else 0.0


def _draw_counts(job: JobAnswer) -> None:
    names = ("read", "stored", "skipped", "rejected", "failed")
    for column, name in zip(st.columns(len(names)), names, strict=True):
        column.metric(name.capitalize(), f"{getattr(job, name):,}")


def _draw_actions(client: ApiClient, job: JobAnswer) -> None:
    buttons = st.columns(4)
    if job.rejected:
        buttons[0].download_button(
            "Rejects",
            client.rejects(job.id),
            f"{job.corpus}-rejects.jsonl",
            icon=":material/download:",
            help="Each row that could not be used, with its line and reason.",
        )
    if job.failed and buttons[1].button("Try failed ones again", key=f"retry-{job.id}"):
        client.retry(job.id)
    if job.state not in ENDED and buttons[2].button("Cancel", key=f"cancel-{job.id}"):
        client.cancel(job.id)
    if job.state == "done":
        buttons[3].page_link(
            "app_pages/search.py", label="Search it", icon=":material/search:", query_params={"corpus": job.corpus}
        )
