"""Classify: a text, or documents of a corpus, placed in the corpus's own taxonomy, with every chance and the like."""

from html import escape
from textwrap import shorten

import streamlit as st

from trivec.api.learning_schemas import MAX_CHARACTERS, ClassifiedAnswer, ClassifyBody, ModelSummary
from trivec.api.schemas import CorpusAnswer, DocumentAnswer, HitAnswer, SearchBody
from trivec_ui.client import ApiClient
from trivec_ui.components.corpus import ask_corpus, draw_no_corpus
from trivec_ui.components.failures import failures_in_words
from trivec_ui.components.hit import heading
from trivec_ui.components.learning_jobs import ask_training, draw_unfinished
from trivec_ui.components.prediction import examples_html, path_html, share, tree_html, verdict_html

SIMILAR = 3  # examples shown beside a tree
FOUND = 20  # documents to choose from
OPTION = 45  # characters of a passage to choose by
MOST = 10  # documents at once
TEXT, DOCUMENTS = "A text", "Documents of the corpus"


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    st.subheader("Classify")
    st.caption("Places a text in the taxonomy that a corpus's own labels make up, and says how sure that is.")
    corpora = client.corpora()
    if not corpora:
        draw_no_corpus("classify")
        return
    choice, facts = st.columns([2, 3], vertical_alignment="bottom", gap="large")
    with choice:
        corpus = ask_corpus(corpora)
    st.query_params["corpus"] = corpus.name
    model = next((each for each in client.models() if each.name == f"{corpus.name}.taxonomy"), None)
    if model is None or model.champion is None:
        _draw_no_classifier(client, corpus, model)
        return
    facts.html(_facts_html(model))
    draw_unfinished(client, corpus=corpus.name, kind="taxonomy")
    _draw_question(client, corpus)


def _facts_html(model: ModelSummary) -> str:
    accuracy = model.metrics.get("accuracy")
    right = f" · {share(accuracy)} of paths right on held-out documents" if accuracy is not None else ""
    return f'<p class="summary facts"><b>{escape(model.champion or "")}</b>{right}</p>'


def _draw_no_classifier(client: ApiClient, corpus: CorpusAnswer, model: ModelSummary | None) -> None:
    labels = client.facets(corpus.name, ["labels"]).get("labels", [])
    if draw_unfinished(client, corpus=corpus.name, kind="taxonomy"):
        return
    if not labels:
        st.info(
            f"The documents of *{corpus.name}* carry no labels, so there is nothing to learn from. Add some that do: "
            "in *Add documents*, say which column holds their category, or their path such as sport/tennis.",
            icon=":material/label_off:",
        )
        st.page_link("app_pages/add_documents.py", label="Add documents", icon=":material/upload_file:")
        return
    st.info(_why_none(corpus, model, len(labels)), icon=":material/model_training:")
    _draw_last_failure(client, corpus.name)
    ask_training(client, corpus.name, "taxonomy", again=model is not None)


def _why_none(corpus: CorpusAnswer, model: ModelSummary | None, labels: int) -> str:
    if model is None:
        several = f"{labels} labels" if labels < 100 else "100 labels or more"
        return f"*{corpus.name}* has {several} and no classifier yet. Train one on them."
    return f"*{corpus.name}* has no classifier in use: none was good enough so far. *Models* says why."


def _draw_last_failure(client: ApiClient, corpus: str) -> None:
    jobs = (job for job in client.learning_jobs() if (job.corpus, job.kind) == (corpus, "taxonomy"))
    last = next(jobs, None)
    if last is not None and last.state == "failed":
        st.error(f"The last training failed: {last.error}", icon=":material/error:")


def _draw_question(client: ApiClient, corpus: CorpusAnswer) -> None:
    what = st.segmented_control("What", [TEXT, DOCUMENTS], default=TEXT, required=True, label_visibility="collapsed")
    if what == DOCUMENTS:
        _draw_documents(client, corpus)
    else:
        _draw_text(client, corpus)


def _draw_text(client: ApiClient, corpus: CorpusAnswer) -> None:
    with st.form("text", border=False):
        text = st.text_area(
            "Text", placeholder="Paste a text", height=110, max_chars=MAX_CHARACTERS, label_visibility="collapsed"
        )
        asked = st.form_submit_button("Classify", type="primary", icon=":material/account_tree:")
    if asked and not text.strip():
        st.error("There is nothing to classify: paste a text first.")
    elif text.strip():
        with st.spinner("Classifying"):
            said = client.classify(ClassifyBody(corpus=corpus.name, text=text, similar=SIMILAR))
        _draw_said(said)


def _draw_documents(client: ApiClient, corpus: CorpusAnswer) -> None:
    chosen = _ask_documents(client, corpus)
    if chosen:
        st.caption(
            "The classifier may have learned from a document that carries labels, which makes it surer of that one."
        )
    for document_id in chosen:
        with st.container(border=True), failures_in_words():
            _draw_document(client, corpus, document_id)


def _ask_documents(client: ApiClient, corpus: CorpusAnswer) -> list[str]:
    search, choice = st.columns([2, 3])
    words = search.text_input("Find documents", placeholder="Words to search for")
    found = {hit.document_id: hit for hit in _found(client, corpus, words)}
    if words.strip():
        search.caption(f"{len(found)} found")
    key = f"documents-{corpus.name}"
    seen: dict[str, HitAnswer] = st.session_state.setdefault(f"seen-{key}", {})
    seen.update(found)  # what was chosen stays chosen when something else is looked for
    kept = [each for each in st.session_state.get(key, []) if each in seen and each not in found]
    return choice.multiselect(
        "Documents",
        [*found, *kept],
        key=key,
        format_func=lambda document_id: _option(document_id, seen.get(document_id)),
        accept_new_options=True,
        max_selections=MOST,
        placeholder="Choose among those found, or type an id",
    )


def _found(client: ApiClient, corpus: CorpusAnswer, words: str) -> list[HitAnswer]:
    if not words.strip():
        return []
    return client.search(SearchBody(query=words, corpus=corpus.name, limit=FOUND)).hits


def _option(document_id: str, hit: HitAnswer | None) -> str:
    return document_id if hit is None else f"{heading(hit)} · {shorten(hit.passage, OPTION, placeholder=' …')}"


def _draw_document(client: ApiClient, corpus: CorpusAnswer, document_id: str) -> None:
    document = client.document(corpus.name, document_id)
    text = f"{document.title}\n{document.text}" if document.title else document.text
    said = client.classify(ClassifyBody(corpus=corpus.name, text=text[:MAX_CHARACTERS], similar=SIMILAR + 1))
    others = [example for example in said.similar if example.document_id != document_id]
    st.html(_document_html(document, said))
    _draw_said(said.model_copy(update={"similar": others[:SIMILAR]}))


def _document_html(document: DocumentAnswer, said: ClassifiedAnswer) -> str:
    own = path_html(document.labels, agreeing=said.labels)
    labels = f"Its own labels: {own}" if document.labels else "It carries no labels."
    return (
        f'<p class="hit-title">{escape(document.title or document.document_id)}</p>'
        f'<p class="example-labels">{labels}</p><p class="hit-text clipped">{escape(document.text)}</p>'
    )


def _draw_said(said: ClassifiedAnswer) -> None:
    st.html(verdict_html(said))
    tree, examples = st.columns([5, 4], gap="large")
    tree.html(f'<p class="column-head">How likely each label is</p>{tree_html(said)}')
    if said.similar:
        examples.html(
            f'<p class="column-head">Labelled documents like it</p>{examples_html(said.similar, path=said.labels)}'
        )


main()
