"""The JSON of the map: cells, points of the projection, documents of cells, and where texts and results lie."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trivec.api.schemas import CorpusName, FiltersBody, Limit, Offset, Request, SearchBody, example

Day = date
Cell = Annotated[int, Field(ge=0, le=100_000)]


class QualityAnswer(BaseModel):
    """How good a map is, on the documents it was made from."""

    quantisation: float = Field(description="Mean distance between a document and its cell, lower is better.")
    topographic: float = Field(description="Share of documents whose two nearest cells do not touch.")
    explained: float = Field(description="Share of the vectors' variance that the map's space keeps.")
    radius: float = Field(description="Width of the neighbourhood that training ended with, in cells.")


class CellAnswer(BaseModel):
    """What lies in a cell."""

    number: int
    row: int
    column: int
    x: float = Field(description="Of its centre, in cell widths.")
    y: float
    ridge: float = Field(description="U-matrix: mean distance from its neighbours, high between groups.")
    words: list[str] = Field(description="By class-based TF-IDF, the most telling first.")
    nearest: str = Field(description='The document nearest to its centre, "" where it is empty.')
    count: int
    label: str = Field(description="Commonest label of its documents at the map's level.")
    label_share: float
    source: str = Field(description="Commonest source of its documents.")
    source_share: float
    date: Day | None = Field(description="Median date of its documents.")
    anomalies: float | None = Field(
        description="Share of its scored documents whose oddest passage has p * passages < .05; null: none is scored."
    )
    age: float | None = Field(description="-1: its documents are the oldest of all, 1: the newest; null: no dates.")
    trend: float | None = Field(
        description="log2 of its share of all documents in the last quarter of `periods` over that before: 1 where it "
        "doubled; null: no dates. Chance where `trend_rate` is high."
    )
    trend_rate: float | None = Field(
        description="Lowest false discovery rate at which it rises or falls (exact test, all cells); null: no dates."
    )
    shares: list[float] = Field(description="Its share of the documents of each period.")
    planes: list[float] = Field(description="Along the first principal components.")


class MapAnswer(BaseModel):
    """A corpus's map with every cell, by number."""

    model_config = example(
        {
            "model": "news.map:2",
            "vector": "bert",
            "made_at": "2026-05-01T02:10:00Z",
            "rows": 1,
            "columns": 1,
            "quality": {"quantisation": 0.62, "topographic": 0.08, "explained": 0.95, "radius": 0.66},
            "projection": "umap",
            "documents": 128,
            "placed": 128,
            "level": 0,
            "periods": ["2026-01-01", "2026-02-01"],
            "cells": [
                {
                    "number": 0,
                    "row": 0,
                    "column": 0,
                    "x": 0.0,
                    "y": 0.0,
                    "ridge": 0.31,
                    "words": ["river", "flood"],
                    "nearest": "n7",
                    "count": 12,
                    "label": "weather",
                    "label_share": 0.92,
                    "source": "feed",
                    "source_share": 1.0,
                    "date": "2026-01-20",
                    "anomalies": None,
                    "age": 0.4,
                    "trend": 1.38,
                    "trend_rate": 0.03,
                    "shares": [0.05, 0.13],
                    "planes": [0.1, -0.2],
                }
            ],
        }
    )

    model: str
    vector: str = Field(description="The named vector it is made of.")
    made_at: datetime
    rows: int
    columns: int
    quality: QualityAnswer
    torn: bool = Field(description="Whether no map of these documents is in order: cells that touch need not be alike.")
    projection: str = Field(description="`umap` or `pca`.")
    documents: int = Field(description="In the corpus.")
    placed: int = Field(description="Of them on the map; new ones are placed by the next run.")
    level: int = Field(description="Of the label path that `label` is taken from, 0 for the root.")
    periods: list[date] = Field(description="First day of each period of `shares`.")
    cells: list[CellAnswer]


class PointsAnswer(BaseModel):
    """Documents on the projection, column by column."""

    model: str
    total: int = Field(description="Documents on the map; fewer are listed when there are too many.")
    ids: list[str]
    titles: list[str]
    x: list[float]
    y: list[float]
    cells: list[int]
    days: list[int] = Field(description="As 20240131; 0 without a date.")
    labels: list[str]
    label: list[int] = Field(description="Position in `labels`, -1 for none.")
    sources: list[str]
    source: list[int] = Field(description="Position in `sources`.")
    p_values: list[float | None] = Field(description="Of the oddest passage times the passages; null: not scored.")


class MapDocumentsBody(Request):
    """Which documents of the map to list or export; name cells here or in the filters."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"corpus": "news", "cells": [17, 18]}})

    corpus: CorpusName
    cells: list[Cell] = Field(default=[], description="Any of these; empty: all.")
    filters: FiltersBody = FiltersBody()
    limit: Limit = 20
    offset: Offset = 0


class PlacedDocumentAnswer(BaseModel):
    """A document of a cell."""

    document_id: str
    title: str
    text: str = Field(description="Its first passage.")
    date: datetime | None
    labels: list[str]
    source: str
    cell: int
    distance: float = Field(description="From the cell's centre, lower is nearer.")
    p_value: float | None = Field(description="Of the oddest passage times the passages; null: not scored.")


class MapDocumentsAnswer(BaseModel):
    """Documents, the nearest to their cell's centre first."""

    documents: list[PlacedDocumentAnswer]
    total: int


class LocateBody(Request):
    """Texts to be placed, or a question whose results are to be found on the map; one of the two."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"corpus": "news", "texts": ["The rivers are rising again."]}]},
    )

    corpus: CorpusName
    texts: list[Annotated[str, Field(max_length=200_000)]] = Field(default=[], max_length=256)
    search: SearchBody | None = Field(default=None, description="A question; its `corpus` has to be the same.")

    @model_validator(mode="after")
    def _one_of_two(self) -> "LocateBody":
        if bool(self.texts) == bool(self.search):
            raise ValueError("give either `texts` or `search`")
        if self.search and self.search.corpus != self.corpus:
            raise ValueError(f"`search` asks corpus {self.search.corpus!r}, the map is of {self.corpus!r}")
        return self


class PlaceAnswer(BaseModel):
    """Where a text or a result lies."""

    cell: int | None = Field(description="null: nothing in it has a place, as no word of it is known.")
    distance: float
    x: float = Field(description="On the projection.")
    y: float
    document_id: str = Field(description='Of a result, "" for a text.')
    title: str
    score: float


class PlacesAnswer(BaseModel):
    """Places in the order of the texts, or of the results."""

    model: str
    places: list[PlaceAnswer]
    took_ms: float
