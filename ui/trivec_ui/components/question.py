"""The question an analyst has put together in the side bar: corpus, vectors, filters, paging."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import streamlit as st

from trivec.api.schemas import CorpusAnswer, FacetAnswer, FiltersBody, SearchBody
from trivec_ui.client import ApiClient
from trivec_ui.components.corpus import ask_corpus

Fusion = Literal["hybrid", "rrf", "weighted_rrf"]
FUSIONS: dict[Fusion, str] = {
    "hybrid": "Weighted scores (default)",
    "rrf": "Reciprocal ranks",
    "weighted_rrf": "Weighted reciprocal ranks",
}
FILTER_KEYS = ["labels", "source", "language"]
FIRST_DAY, LAST_DAY = date(1500, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Choices:
    """What the side bar says.

    Attributes:
        using: named vectors, or None for the corpus's default hybrid.
    """

    corpus: CorpusAnswer
    using: list[str] | None
    fusion: Fusion
    filters: FiltersBody
    diversity: float
    page_size: int

    def body(self, query: str, *, page: int) -> SearchBody:
        """The request for one page of hits."""
        return SearchBody(
            query=query,
            corpus=self.corpus.name,
            using=self.using,
            fusion=self.fusion,
            limit=self.page_size,
            offset=(page - 1) * self.page_size,
            filters=self.filters,
            facets=FILTER_KEYS,
            histogram="year",
            diversity=self.diversity,
            explain=True,
        )


def ask_choices(client: ApiClient, corpora: list[CorpusAnswer]) -> Choices:
    """Draws the side bar and returns what it says."""
    with st.sidebar:
        corpus = ask_corpus(corpora)
        st.caption(f"{corpus.documents:,} documents · {corpus.passages:,} passages · generation {corpus.generation}")
        using = _ask_vectors(corpus)
        fusion = _ask_fusion(using)
        filters = _ask_filters(client.facets(corpus.name, FILTER_KEYS))
        with st.expander("More"):
            diversity = st.slider("Diversity", 0.0, 1.0, 0.0, 0.1, help="0: relevance alone. 1: unlike the hits above.")
            page_size = st.select_slider("Hits per page", [5, 10, 20, 50], value=10)
    return Choices(corpus, using, fusion, filters, diversity, page_size)


def _ask_vectors(corpus: CorpusAnswer) -> list[str] | None:
    chosen = st.pills(
        "Search by",
        [vector.name for vector in corpus.vectors],
        selection_mode="multi",
        help="Named vectors to ask. None chosen: the hybrid of exact words (bm25) and meaning (bert).",
    )
    return list(chosen) or None


def _ask_fusion(using: list[str] | None) -> Fusion:
    if using is not None and len(using) < 2:
        return "hybrid"
    return st.selectbox("Combine by", list(FUSIONS), format_func=lambda fusion: FUSIONS[fusion])


def _ask_filters(facets: dict[str, list[FacetAnswer]]) -> FiltersBody:
    st.subheader("Filters", divider="gray")
    first = st.date_input("From", None, min_value=FIRST_DAY, max_value=LAST_DAY)
    last = st.date_input("To", None, min_value=FIRST_DAY, max_value=LAST_DAY, help="This day included.")
    chosen = {key: _ask_values(key, facets.get(key, [])) for key in FILTER_KEYS}
    return FiltersBody(
        date_from=_midnight(first),
        date_to=_midnight(last + timedelta(days=1)) if last else None,
        labels=chosen["labels"],
        sources=chosen["source"],
        languages=chosen["language"],
    )


def _ask_values(key: str, counts: list[FacetAnswer]) -> list[str]:
    if len(counts) < 2:
        return []
    labels = {count.value: f"{count.value} ({count.count:,})" for count in counts}
    return st.multiselect(key.capitalize(), list(labels), format_func=lambda value: labels[value])


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
