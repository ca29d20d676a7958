"""Map: how it all lies together; a click opens a cell, a lasso many, a question lights up where its answers lie."""

from collections import Counter
from typing import Any

import streamlit as st

from trivec.api.map_schemas import LocateBody, MapAnswer, MapDocumentsBody, PlacesAnswer, PointsAnswer
from trivec.api.schemas import CorpusAnswer, FiltersBody, SearchBody
from trivec_ui.client import ApiClient, ApiError
from trivec_ui.components.corpus import ask_corpus, draw_no_corpus
from trivec_ui.components.failures import failures_in_words
from trivec_ui.components.hit import hit_html
from trivec_ui.components.learning_jobs import ask_training, draw_unfinished
from trivec_ui.components.map_cell import document_html, heading, summary_html
from trivec_ui.components.map_colours import colourings
from trivec_ui.components.map_figure import cloud, sheet

FOUND = 60  # results that are lit up
PAGE = 10  # documents listed at once
MOST = 5000  # documents chosen by a lasso
FRESH = 30  # seconds
DISORDER = (
    "These documents do not fit on a sheet: too many neighbourhoods are torn, and cells that touch need not be alike. "
    "Trust what is in a cell, not what lies beside it."
)
HINT = (
    "Click a cell or a point to see what lies there; for several, take the lasso or the box above a chart. "
    "Scroll to zoom, drag to move."
)
FORMATS = {"CSV": "csv", "JSON lines": "jsonl", "Parquet": "parquet"}
TOOLS: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": True,
    "scrollZoom": True,
    "modeBarButtonsToRemove": ["toImage", "autoScale2d", "zoom2d", "zoomIn2d", "zoomOut2d"],
}


def main() -> None:
    """Draws the page."""
    client = ApiClient.from_environment()
    corpora = client.corpora()
    if not corpora:
        st.subheader("Map")
        draw_no_corpus("map")
        return
    choice, colour, question = st.columns([2, 2, 4], vertical_alignment="bottom")
    with choice:
        corpus = ask_corpus(corpora)
    st.query_params["corpus"] = corpus.name
    draw_unfinished(client, corpus=corpus.name, kind="map")
    if not any(model.name == f"{corpus.name}.map" and model.champion for model in client.models()):
        _draw_no_map(client, corpus)
        return
    try:
        view, points = _read(client.url, client.key, corpus.name)
    except ApiError as error:  # made of vectors that are no more: there may be a new one soon
        st.warning(str(error), icon=":material/map:")
        ask_training(client, corpus.name, "map", again=True)
        return
    by = colour.selectbox("Colour by", colourings(view))
    asked = question.text_input("Light up answers to", placeholder="A question, or words: its results shine on the map")
    _draw_map(client, corpus, view, points, by, asked)


@st.cache_data(ttl=FRESH, max_entries=4, show_spinner="Reading the map")
def _read(url: str, key: str, corpus: str) -> tuple[MapAnswer, PointsAnswer]:
    client = ApiClient(url, key)
    return client.map(corpus), client.map_points(corpus)


def _draw_no_map(client: ApiClient, corpus: CorpusAnswer) -> None:
    st.info(f"*{corpus.name}* has no map yet.", icon=":material/map:")
    last = next((job for job in client.learning_jobs() if (job.corpus, job.kind) == (corpus.name, "map")), None)
    if last is not None and last.state == "failed":
        st.error(f"The last one failed: {last.error}", icon=":material/error:")
    ask_training(client, corpus.name, "map")


def _draw_map(
    client: ApiClient, corpus: CorpusAnswer, view: MapAnswer, points: PointsAnswer, by: str, asked: str
) -> None:
    found = _located(client, corpus, asked) if asked.strip() else None
    places = [place for place in found.places if place.cell is not None] if found else []
    lit = Counter(place.cell for place in places if place.cell is not None)
    shining = [(place.x, place.y, place.title or place.document_id) for place in places]
    state = f"{corpus.name}-{view.model}-{by}-{asked}"
    left, right = st.columns(2, gap="medium")
    with left:
        st.html('<p class="column-head">Cells: neighbours are alike</p>')
        cells = st.plotly_chart(
            sheet(view, points, by, lit),
            key=f"sheet-{state}",
            on_select="rerun",
            selection_mode=("points", "box", "lasso"),
            config=TOOLS,
            theme=None,
        )
    with right:
        st.html(f'<p class="column-head">Documents: {view.projection.upper()} projection</p>')
        documents = st.plotly_chart(
            cloud(view, points, by, shining),
            key=f"cloud-{state}",
            on_select="rerun",
            selection_mode=("points", "box", "lasso"),
            config=TOOLS,
            theme=None,
        )
    st.html(_facts_html(view, points, found))
    if view.torn:
        st.warning(DISORDER, icon=":material/warning:")
    _draw_chosen(client, corpus, view, points, _chosen(cells), _chosen(documents))


def _located(client: ApiClient, corpus: CorpusAnswer, asked: str) -> PlacesAnswer:
    search = SearchBody(query=asked, corpus=corpus.name, limit=FOUND)
    return client.locate(LocateBody(corpus=corpus.name, search=search))


def _facts_html(view: MapAnswer, points: PointsAnswer, found: PlacesAnswer | None) -> str:
    facts = [
        f"<b>{view.model}</b>",
        f"{view.rows} x {view.columns} cells of {view.vector}",
        f"{view.placed:,} of {view.documents:,} documents placed",
        f"{view.quality.topographic:.1%} of neighbourhoods torn",
    ]
    if len(points.ids) < points.total:
        facts.append(f"{len(points.ids):,} points shown")
    if found:
        facts.append(f"{len(found.places)} results lit up")
    return f'<p class="summary">{" · ".join(facts)}</p>'


def _chosen(event: Any) -> list[int]:
    """Numbers that the figure carries for what was clicked or lassoed."""
    picked = [point.get("customdata") for point in event["selection"]["points"]]
    plain = [each[0] if isinstance(each, list) else each for each in picked]
    return sorted({int(each) for each in plain if each is not None})


def _draw_chosen(
    client: ApiClient, corpus: CorpusAnswer, view: MapAnswer, points: PointsAnswer, cells: list[int], rows: list[int]
) -> None:
    if not cells and not rows:
        st.caption(HINT)
        return
    if len(rows) > MOST:
        st.warning(f"{len(rows):,} points are too many to list: the first {MOST:,} are taken. Draw a smaller lasso.")
    where = FiltersBody(cells=cells) if cells else FiltersBody(document_ids=[points.ids[row] for row in rows[:MOST]])
    touched = cells or sorted({points.cells[row] for row in rows})
    with failures_in_words():
        _draw_documents(client, corpus, view, where, [view.cells[cell] for cell in touched], cells)


def _draw_documents(
    client: ApiClient, corpus: CorpusAnswer, view: MapAnswer, where: FiltersBody, about: list[Any], cells: list[int]
) -> None:
    found = client.map_documents(MapDocumentsBody(corpus=corpus.name, filters=where, limit=PAGE))
    with st.container(border=True, key="chosen"):
        st.markdown(f"#### {heading(about if cells else [], found.total)}")
        summary, export = st.columns([3, 1], vertical_alignment="top")
        summary.html(summary_html(about, view.periods))
        with export:
            _draw_export(client, corpus, where)
        words = st.text_input("Search in here", placeholder="Search among these documents", key=f"in-{corpus.name}")
        if words.strip():
            _draw_hits(client, corpus, where, words)
            return
        for document in found.documents:
            st.html(document_html(document))
        if found.total > len(found.documents):
            st.caption(f"The {len(found.documents)} nearest to their cell's centre, of {found.total:,}.")


def _draw_export(client: ApiClient, corpus: CorpusAnswer, where: FiltersBody) -> None:
    body = MapDocumentsBody(corpus=corpus.name, filters=where)
    kind = st.selectbox("Format", list(FORMATS), label_visibility="collapsed")
    st.download_button(
        "Export",
        lambda: client.map_export(body, format=FORMATS[kind]),
        f"{corpus.name}-map.{FORMATS[kind]}",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
    )


def _draw_hits(client: ApiClient, corpus: CorpusAnswer, where: FiltersBody, words: str) -> None:
    hits = client.search(SearchBody(query=words, corpus=corpus.name, filters=where, limit=PAGE)).hits
    if not hits:
        st.info("No document here matches.", icon=":material/search_off:")
    for hit in hits:
        st.html(hit_html(hit))


main()
