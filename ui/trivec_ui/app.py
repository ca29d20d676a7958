"""The front end's frame: navigation and looks; whatever fails on a page is said there in words.

Run by `trivec ui`; needs TRIVEC_API_URL, and TRIVEC_API_KEY where the API asks for keys.
"""

from pathlib import Path

import streamlit as st

from trivec_ui.components.failures import failures_in_words
from trivec_ui.components.theme import apply_theme

PAGES = Path(__file__).parent / "app_pages"


def main() -> None:
    """Draws the chosen page."""
    st.set_page_config(page_title="Trivec", page_icon=":material/hub:", layout="wide")
    apply_theme()
    page = st.navigation(
        [
            st.Page(PAGES / "search.py", title="Search", icon=":material/search:", default=True),
            st.Page(PAGES / "classify.py", title="Classify", icon=":material/account_tree:"),
            st.Page(PAGES / "map.py", title="Map", icon=":material/map:"),
            st.Page(PAGES / "anomalies.py", title="Anomalies", icon=":material/troubleshoot:"),
            st.Page(PAGES / "trends.py", title="Trends", icon=":material/trending_up:"),
            st.Page(PAGES / "models.py", title="Models", icon=":material/model_training:"),
            st.Page(PAGES / "add_documents.py", title="Add documents", icon=":material/upload_file:"),
        ],
        position="top",
    )
    with failures_in_words():
        page.run()


main()
