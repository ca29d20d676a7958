"""Which corpus a page is about."""

import streamlit as st

from trivec.api.schemas import CorpusAnswer


def ask_corpus(corpora: list[CorpusAnswer]) -> CorpusAnswer:
    """Draws the choice, beginning with the one that the address names.

    Args:
        corpora: to choose from, one at least.
    """
    names = [corpus.name for corpus in corpora]
    wanted = st.query_params.get("corpus", names[0])
    name = st.selectbox("Corpus", names, index=names.index(wanted) if wanted in names else 0)
    return next(corpus for corpus in corpora if corpus.name == name)


def draw_no_corpus(what: str) -> None:
    """Says that there is nothing yet, and the way to add something.

    Args:
        what: is not possible yet, for "Nothing to ... yet".
    """
    st.info(f"Nothing to {what} yet: add documents first.", icon=":material/upload_file:")
    st.page_link("app_pages/add_documents.py", label="Add documents", icon=":material/upload_file:")
