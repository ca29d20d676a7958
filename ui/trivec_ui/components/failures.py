"""What the API refuses, or why it does not answer, as a sentence on the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from trivec_ui.client import ApiError


@contextmanager
def failures_in_words() -> Iterator[None]:
    """Draws what an ApiError says where it is raised; what comes after in the block is left out.

    A fragment that runs again by itself is no longer inside of the page: it needs this of its own.
    """
    try:
        yield
    except ApiError as error:
        st.error(str(error), icon=":material/error:")
