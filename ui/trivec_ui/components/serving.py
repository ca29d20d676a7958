"""Which version of a model serves: buttons that change it, with what is asked before they do."""

import streamlit as st

from trivec.api.learning_schemas import ModelAnswer, PromoteBody
from trivec_ui.client import ApiClient
from trivec_ui.components.failures import failures_in_words

SWITCHING = "Switching; a version whose vectors are not stored any more reads the whole corpus first"


def draw_switches(client: ApiClient, model: ModelAnswer) -> None:
    """Draws what lets another version serve, as far as there is one."""
    buttons = st.container(horizontal=True)
    alone = all(version.champion for version in model.versions)
    if buttons.button("Promote a version", icon=":material/upgrade:", disabled=alone):
        _ask_promotion(client, model)
    if buttons.button("Roll back", icon=":material/undo:", disabled=not model.can_roll_back):
        _ask_rollback(client, model)


@st.dialog("Promote a version")
def _ask_promotion(client: ApiClient, model: ModelAnswer) -> None:
    with st.form("promote", border=False):
        version = st.selectbox("Version", [version.version for version in model.versions if not version.champion])
        reason = st.text_input("Reason", placeholder="What was measured, and what it beats", max_chars=2000)
        asked = st.form_submit_button("Promote", type="primary")
    if asked and not reason.strip():
        st.error("Give a reason: it goes on record.")
    elif asked:
        with failures_in_words(), st.spinner(SWITCHING):
            now = client.promote(model.name, PromoteBody(version=version, reason=reason)).champion
            _show(f"{now} serves now.")


@st.dialog("Roll back")
def _ask_rollback(client: ApiClient, model: ModelAnswer) -> None:
    before = f"**{model.rollback_to}** served before and is to serve again."
    nobody = "No version served before: the corpus is to be served without one, as it was then."
    st.markdown(f"**{model.champion}** serves now. {before if model.rollback_to else nobody}")
    if st.button("Roll back now", type="primary"):
        with failures_in_words(), st.spinner(SWITCHING):
            now = client.rollback(model.name).champion
            _show(f"{now} serves again." if now else f"No version of {model.name} serves any more.")


def _show(what: str) -> None:
    """Draws the page anew, which then says what was done."""
    st.session_state["switched"] = what
    st.rerun()
