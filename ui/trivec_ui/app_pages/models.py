"""Models: what was learned for each corpus, how good each version is, which one serves and why; and learning anew."""

from collections.abc import Sequence
from itertools import chain, groupby

import pandas as pd
import streamlit as st

from trivec.api.learning_schemas import ModelAnswer, ModelSummary, VersionAnswer
from trivec.api.schemas import CorpusAnswer
from trivec_ui.client import ApiClient
from trivec_ui.components.corpus import draw_no_corpus
from trivec_ui.components.curves import draw_curves
from trivec_ui.components.learning_jobs import KINDS, ask_training, draw_ended, draw_unfinished
from trivec_ui.components.serving import draw_switches
from trivec_ui.components.versions import decisions_html, moment, versions_html

NAMES = KINDS | {"word2vec": "Word2Vec", "weights": "Word weights"}
_IN_A_ROW = 3  # kinds of learning: side by side and still readable


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    corpora, models = client.corpora(), client.models()
    if not corpora and not models:
        draw_no_corpus("learn from")
        return
    chosen = _ask_model(models)
    if "switched" in st.session_state:
        st.toast(st.session_state.pop("switched"), icon=":material/check:")
    if chosen is None:
        st.subheader("Models")
        st.info("Nothing has been learned yet. Train something below.", icon=":material/model_training:")
    else:
        _draw_model(client, client.model(chosen))
    st.divider()
    _draw_learning(client, corpora, _corpus(chosen) if chosen else "")


def _ask_model(models: Sequence[ModelSummary]) -> str | None:
    """Draws every model below its corpus in the side bar, and returns the chosen one."""
    names = [model.name for model in models]
    asked = st.query_params.get("model")
    chosen = asked if asked in names else next(iter(names), None)
    with st.sidebar:
        for corpus, group in groupby(sorted(models, key=lambda model: _corpus(model.name)), lambda m: _corpus(m.name)):
            st.markdown(f"**{corpus}**")
            for model in group:
                _draw_choice(model, chosen=model.name == chosen)
    return chosen


def _draw_choice(model: ModelSummary, *, chosen: bool) -> None:
    serving = f"version {model.champion.rpartition(':')[2]}" if model.champion else "none serves"
    st.button(
        f"{_title(model.name)} · {serving}",
        key=f"show-{model.name}",
        type="secondary" if chosen else "tertiary",
        width="stretch",
        on_click=st.query_params.update,
        args=({"model": model.name},),
    )


def _draw_model(client: ApiClient, model: ModelAnswer) -> None:
    st.subheader(f"{_title(model.name)} of {_corpus(model.name)}")
    st.caption(_standing(model))
    draw_switches(client, model)
    st.html(versions_html(model.versions, model.decisions))
    st.caption("Where versions differ, the best of a column is green. Each was measured on documents held out then.")
    why, curves, made = st.tabs(["Why it serves", "Training curves", "How a version was made"])
    with why:
        st.html(decisions_html(model.decisions))
    with curves:
        draw_curves(model.versions)
    with made:
        _draw_making(model.versions)


def _standing(model: ModelAnswer) -> str:
    count = f"{len(model.versions)} version{'s' if len(model.versions) > 1 else ''}"
    changed = next((each for each in reversed(model.decisions) if each.action != "refuse"), None)
    when = moment(changed.at) if changed else ""
    if model.champion is not None:
        return f"{model.champion} serves{f' since {when}' if when else ''} · {count}"
    why = f"the last that did was withdrawn on {when}" if when else "nothing was good enough yet"
    return f"{model.name} · {count}, none of which serves: {why}"


def _draw_making(versions: Sequence[VersionAnswer]) -> None:
    by_number = {version.version: version for version in versions}
    version = by_number[st.selectbox("Version", list(by_number))]
    facts = {"code version": version.code_version, "hash of its data": version.data_hash, **version.tags}
    told = {**version.parameters, **facts}
    table = pd.DataFrame({"parameter": list(told), "value": list(told.values())})
    st.dataframe(table, hide_index=True)


def _draw_learning(client: ApiClient, corpora: Sequence[CorpusAnswer], current: str) -> None:
    st.markdown("#### Learn anew")
    st.caption("A challenger is judged on documents held out, and serves only if it is better. What serves goes on.")
    names = [corpus.name for corpus in corpora]
    if names:
        choice, _ = st.columns([2, 3])
        corpus = choice.selectbox("From corpus", names, index=names.index(current) if current in names else 0)
        rows = [st.columns(_IN_A_ROW, gap="medium") for _ in range(0, len(KINDS), _IN_A_ROW)]
        for column, kind in zip(chain.from_iterable(rows), KINDS, strict=False):
            with column.container(border=True, height="stretch"):
                ask_training(client, corpus, kind)
    draw_unfinished(client)
    st.markdown("#### What was learned")
    draw_ended(client.learning_jobs())


def _corpus(name: str) -> str:
    return name.rpartition(".")[0]


def _title(name: str) -> str:
    kind = name.rpartition(".")[2]
    return NAMES.get(kind, kind)


main()
