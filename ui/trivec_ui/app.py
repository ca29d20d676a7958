"""The front end's frame: navigation, looks, and the one place that turns an API failure into words on the page.

Run by `trivec ui`; needs TRIVEC_API_URL, and TRIVEC_API_KEY where the API asks for keys.
"""

from pathlib import Path

import streamlit as st

from trivec_ui.client import ApiError
from trivec_ui.components.theme import apply_theme

PAGES = Path(__file__).parent / "app_pages"


def main() -> None:
    """Draws the chosen page."""
    st.set_page_config(page_title="Trivec", page_icon=":material/hub:", layout="wide")
    apply_theme()
    page = st.navigation(
        [
            st.Page(PAGES / "search.py", title="Search", icon=":material/search:", default=True),
            st.Page(PAGES / "add_documents.py", title="Add documents", icon=":material/upload_file:"),
        ],
        position="top",
    )
    try:
        page.run()
    except ApiError as error:
        st.error(str(error), icon=":material/cloud_off:")


main()
