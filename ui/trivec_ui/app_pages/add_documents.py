"""Add documents: a file, what its columns mean, the job that works on it, and the rows that could not be used."""

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from trivec.api.ingest_schemas import MappingBody, PreviewAnswer
from trivec_ui.client import ApiClient
from trivec_ui.components.jobs import draw_job, draw_jobs

FORMATS = ["csv", "tsv", "json", "jsonl", "parquet", "txt", "md", "html", "pdf", "docx", "zip", "tar", "gz", "zst"]
ROLES = {
    "id": "Identity; the same id again replaces the document.",
    "title": "Shown above a hit and searched with the text.",
    "text": "What is searched. Needed.",
    "date": "Any common format; for filters, time lines and trends.",
    "labels": "A category, or a path such as sport/tennis.",
    "source": "Where it came from; for filters and for deleting a whole source.",
}
NONE = "(none)"


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    st.subheader("Add documents")
    st.caption(
        "A table (CSV, TSV, JSON, JSONL, Parquet), a text (TXT, Markdown, HTML, PDF, DOCX), or an archive of them. "
        "Rows that cannot be used are set aside with their reason; the rest goes on."
    )
    file = st.file_uploader("File", type=FORMATS, label_visibility="collapsed")
    if file is not None:
        preview = _preview(client, file)
        _draw_preview(preview)
        _draw_form(client, preview, source=file.name)
    if "job" in st.session_state:
        draw_job(client, st.session_state["job"])
    st.divider()
    draw_jobs(client)


def _preview(client: ApiClient, file: UploadedFile) -> PreviewAnswer:
    kept: tuple[str, PreviewAnswer] | None = st.session_state.get("preview")
    if kept is None or kept[0] != file.file_id:
        with st.spinner(f"Reading {file.name}"):
            kept = (file.file_id, client.preview(file.name, file))
        st.session_state["preview"] = kept
    return kept[1]


def _draw_preview(preview: PreviewAnswer) -> None:
    st.markdown(f"**First rows** · {len(preview.columns)} columns")
    st.dataframe(pd.DataFrame(preview.rows, columns=preview.columns), hide_index=True, height=220)


def _draw_form(client: ApiClient, preview: PreviewAnswer, *, source: str) -> None:
    with st.form("ingest"):
        mapping = _ask_mapping(preview)
        names = [corpus.name for corpus in client.corpora()]
        corpus = st.selectbox(
            "Corpus",
            names,
            index=None,
            accept_new_options=True,
            placeholder="Choose one, or type a new name",
            help="Letters, digits, - and _.",
        )
        if st.form_submit_button("Add to corpus", type="primary", icon=":material/upload:"):
            if not corpus:
                st.error("Choose a corpus, or type the name of a new one.")
                return
            job = client.ingest(preview.upload, corpus=corpus, source=source, mapping=mapping)
            st.session_state["job"] = job.id


def _ask_mapping(preview: PreviewAnswer) -> MappingBody:
    guessed = preview.mapping.model_dump()
    chosen: dict[str, str] = {}
    for column, (role, meaning) in zip(st.columns(len(ROLES)), ROLES.items(), strict=True):
        options = [NONE, *preview.columns]
        guess = guessed[role] if guessed[role] in preview.columns else NONE
        value = column.selectbox(role.capitalize(), options, index=options.index(guess), help=meaning)
        chosen[role] = "" if value == NONE else value
    return MappingBody(**chosen, metadata=preview.mapping.metadata)


main()
