"""Search: a question, hits with their reasons, facets and a time line, and each document in full."""

from html import escape

import pandas as pd
import streamlit as st

from trivec.api.schemas import HitAnswer
from trivec_ui.client import ApiClient
from trivec_ui.components.corpus import draw_no_corpus
from trivec_ui.components.hit import document_html, facets_html, heading, hit_html
from trivec_ui.components.question import Choices, ask_choices
from trivec_ui.components.results import hits_csv
from trivec_ui.components.timeline import draw_timeline


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    corpora = client.corpora()
    if not corpora:
        draw_no_corpus("search")
        return
    choices = ask_choices(client, corpora)
    query = st.text_input(
        "Search",
        value=st.query_params.get("q", ""),
        placeholder='Ask in your own words; "quote" what must occur, -exclude what must not',
        label_visibility="collapsed",
    )
    if not query.strip():
        _draw_welcome(choices)
        return
    st.query_params.update({"corpus": choices.corpus.name, "q": query})
    _draw_answer(client, choices, query)


def _draw_welcome(choices: Choices) -> None:
    st.markdown(f"#### {choices.corpus.documents:,} documents in *{choices.corpus.name}*")
    st.caption("Each was read in several ways; a question can use any of them or their best combination.")
    rows = [
        {
            "vector": vector.name,
            "made by": vector.model or vector.family,
            "dimensions": str(vector.dimension) if vector.dimension else "sparse",
            "licence": vector.licence,
        }
        for vector in choices.corpus.vectors
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _draw_answer(client: ApiClient, choices: Choices, query: str) -> None:
    pager = _page_key(choices, query)
    with st.spinner("Searching"):
        answer = client.search(choices.body(query, page=st.session_state.get(pager, 1)))
    for reason in answer.degraded:
        st.warning(reason, icon=":material/info:")
    if not answer.hits:
        st.info("No document matches. Try fewer filters, or other words.", icon=":material/search_off:")
        return
    summary, download = st.columns([8, 1], vertical_alignment="center")
    summary.html(f'<p class="summary">{answer.total:,} documents found · {answer.took_ms:.0f} ms</p>')
    download.download_button(
        "CSV", hits_csv(answer.hits), f"{choices.corpus.name}-hits.csv", icon=":material/download:"
    )
    draw_timeline(answer.histogram or [])
    st.html(facets_html(answer.facets))
    for hit in answer.hits:
        _draw_hit(client, choices.corpus.name, hit)
    pages = -(-answer.total // choices.page_size)
    if pages > 1:
        st.pagination(pages, key=pager)


def _page_key(choices: Choices, query: str) -> str:
    """Each question has a pager of its own, which begins at page 1."""
    return f"page of {choices.body(query, page=1).model_dump_json()}"


def _draw_hit(client: ApiClient, corpus: str, hit: HitAnswer) -> None:
    with st.container(border=True, key=f"hit-{hit.document_id}"):
        st.html(hit_html(hit))
        full, similar, _ = st.columns([1.2, 1.2, 4])
        if full.button("Document", key=f"full-{hit.document_id}", icon=":material/article:", type="tertiary"):
            _show_document(client, corpus, hit)
        if similar.button("More like this", key=f"like-{hit.document_id}", icon=":material/join:", type="tertiary"):
            _show_similar(client, corpus, hit)


@st.dialog("Document", width="large")
def _show_document(client: ApiClient, corpus: str, hit: HitAnswer) -> None:
    document = client.document(corpus, hit.document_id)
    st.html(f"<h4>{escape(heading(hit))}</h4>")
    st.html(document_html(document, hit))
    facts = {"id": document.document_id, "source": document.source, "language": document.language}
    with st.expander("Details"):
        st.json(facts | {"labels": document.labels, "metadata": document.metadata, "hash": document.content_hash})


@st.dialog("More like this", width="large")
def _show_similar(client: ApiClient, corpus: str, hit: HitAnswer) -> None:
    st.html(f'<p class="summary">Documents nearest to “{escape(heading(hit))}”</p>')
    for other in client.similar(corpus, hit.document_id).hits:
        with st.container(border=True):
            st.html(hit_html(other))


main()
