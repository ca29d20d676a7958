"""What crosses rooms: frozen values with no behaviour beyond their own consistency.

Documents come in, passages are stored, hits go out. Arrays state their shape in an alias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats1d = NDArray[np.float32]  # (dimension,)
Floats2d = NDArray[np.float32]  # (texts, dimension)
Bools1d = NDArray[np.bool_]  # (texts,)
Ints1d = NDArray[np.int64]  # (entries,)

Scalar = str | int | float | bool
MetadataValue = Scalar | Sequence[Scalar] | None
Metadata = Mapping[str, MetadataValue]


@dataclass(frozen=True)
class Document:
    """One text as its source gave it.

    Attributes:
        id: unique within its corpus; the same id again replaces the document.
        text: the body; never empty, cleaned later.
        title: may be empty.
        date: when the text was written, timezone-aware, or None.
        labels: path in the user's taxonomy, root first; empty when unlabelled.
        source: where it came from (file name, feed), for filters and for deleting a whole source.
        metadata: anything else, one level deep.
    """

    id: str
    text: str
    title: str = ""
    date: datetime | None = None
    labels: tuple[str, ...] = ()
    source: str = ""
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True)
class RejectedRow:
    """A row that could not become a document, and why.

    Attributes:
        source: file (and member of an archive) that held it.
        line: 1-based line of a text file, row of a table, or page of a paged one.
        reason: what is wrong with it, in words a person can act on.
        row: the beginning of the offending row.
    """

    source: str
    line: int
    reason: str
    row: str = ""


@dataclass(frozen=True)
class Passage:
    """A piece of a document's cleaned text: `text == document[start:end]`, counted in characters."""

    number: int
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class AnalysedText:
    """A text with what every word model needs, computed once.

    Attributes:
        text: the cleaned text, as BERT reads it.
        tokens: lower-case words without stop words and special characters, in order (Word2Vec, GloVe).
        terms: stems of the tokens, in order (bm25 and its family).
    """

    text: str
    tokens: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True)
class DenseVectors:
    """One vector per text; where `present` is false the text had nothing to encode and its row is not to be stored.

    Attributes:
        values: shape (texts, dimension), unit rows where present.
        present: shape (texts,).
    """

    values: Floats2d
    present: Bools1d


@dataclass(frozen=True)
class SparseVectors:
    """One sparse vector per text, as compressed sparse rows; an empty row means that nothing could be encoded.

    Attributes:
        starts: shape (texts + 1,): row i is entries starts[i]:starts[i + 1].
        indices: shape (entries,), unsigned 32-bit values, ascending and distinct within a row.
        values: shape (entries,).
    """

    starts: Ints1d
    indices: Ints1d
    values: Floats1d

    @property
    def present(self) -> Bools1d:
        """Which texts have any entry, shape (texts,)."""
        return np.diff(self.starts) > 0


TextVectors = DenseVectors | SparseVectors


@dataclass(frozen=True)
class Predicted:
    """What a classifier said of a document.

    Attributes:
        labels: path in the taxonomy, root first; a part of one where only the upper levels were sure, empty for
            "none of these".
        confidence: calibrated probability of the last label, 0 to 1.
        model: registry reference of the classifier.
    """

    labels: tuple[str, ...]
    confidence: float
    model: str


@dataclass(frozen=True)
class MapPlace:
    """Where a document lies on a corpus's map.

    Attributes:
        cell: its number.
        distance: from the cell's centre, in the map's own space; lower is nearer.
        x: on the projection beside the map.
        y: on it.
        model: registry reference of the map.
    """

    cell: int
    distance: float
    x: float
    y: float
    model: str


@dataclass(frozen=True)
class Anomaly:
    """How unusual a passage is in its corpus.

    Attributes:
        score: sum of the views' surprises, higher is more unusual.
        p_value: share of normal passages that are at least as unusual, 0 to 1.
        views: the same of each view alone (bert, words, form, ...).
        model: registry reference of the anomaly model.
    """

    score: float
    p_value: float
    views: Mapping[str, float]
    model: str


Verdict = Literal["fine", "odd"]  # what somebody says of a passage


@dataclass(frozen=True)
class StoredPassage:
    """What the store keeps of a passage besides its vectors; one Qdrant payload.

    Attributes:
        document_id: the document it belongs to.
        passage: the passage itself, with offsets into the document's cleaned text.
        passages: how many passages the document has.
        content_hash: of the whole document as given; equal hash, unchanged document.
        ingested_at: timezone-aware.
        language: ISO 639-1 code detected for the document, or "" when unsure.
        predicted: what a classifier said of the document, None when none has looked at it.
        place: where the document lies on the corpus's map, None when it has not been located.
        anomaly: how unusual it is, None when nothing has looked at it.
        mark: what somebody says of it, None where nobody has.
    """

    document_id: str
    passage: Passage
    passages: int
    title: str
    date: datetime | None
    labels: tuple[str, ...]
    source: str
    content_hash: str
    ingested_at: datetime
    language: str
    metadata: Metadata
    predicted: Predicted | None = None
    place: MapPlace | None = None
    anomaly: Anomaly | None = None
    mark: Verdict | None = None


@dataclass(frozen=True)
class SourceScore:
    """How one source (bm25, bert, ...) saw a hit: 1-based rank among its candidates; raw score, higher is better."""

    rank: int
    score: float


@dataclass(frozen=True)
class Span:
    """A stretch of characters, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True)
class WordContribution:
    """How much one word added to a hit's score through one source; a word's contributions are part of its source's."""

    word: str
    source: str
    contribution: float


@dataclass(frozen=True)
class Hit:
    """A document that answers a question, at its best passage.

    Attributes:
        document_id: the document.
        score: higher is better; its scale depends on the method.
        passage: the best passage as stored.
        highlights: spans of the passage's text that match the question's words, in order, not overlapping.
        sources: rank and score by source, for every source that returned it.
        contributions: how much each source added to `score`; they add up to it.
        words: of sources whose words can be told apart, how much each added; filled when an explanation was asked for.
    """

    document_id: str
    score: float
    passage: StoredPassage
    highlights: tuple[Span, ...] = ()
    sources: Mapping[str, SourceScore] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)
    words: tuple[WordContribution, ...] = ()


@dataclass(frozen=True)
class Filters:
    """Which documents may answer; all conditions must hold.

    Attributes:
        date_from: earliest date, inclusive.
        date_to: latest date, exclusive.
        labels: any of these labels, at any level of the path.
        sources: any of these sources.
        languages: any of these ISO 639-1 codes.
        metadata: key -> accepted values.
        document_ids: only these documents.
        exclude_ids: none of these documents.
        labelled: only documents that have labels.
        predicted: any of these labels in the path that a classifier predicted, at any level.
        cells: any of these cells of the corpus's map.
    """

    date_from: datetime | None = None
    date_to: datetime | None = None
    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    metadata: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    document_ids: tuple[str, ...] = ()
    exclude_ids: tuple[str, ...] = ()
    labelled: bool = False
    predicted: tuple[str, ...] = ()
    cells: tuple[int, ...] = ()


@dataclass(frozen=True)
class FacetCount:
    """How many documents carry a value."""

    value: str
    count: int


LearningKind = Literal["vectors", "fusion", "taxonomy", "trends", "map", "anomalies"]
LearningState = Literal["waiting", "running", "done", "failed", "cancelled"]
JobState = Literal["reading", "training", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class JobStatus:
    """Where an ingestion stands; counts are documents.

    Attributes:
        id: the job.
        corpus: where its documents go.
        state: `done` when every document read is stored, skipped, rejected or failed.
        read: documents read from the source so far.
        stored: written to the store by this job.
        skipped: unchanged since an earlier ingestion.
        rejected: rows that could not become documents; see the rejects file.
        failed: documents in batches that were set aside after all tries.
        documents_per_second: over the time spent running.
        seconds_left: estimate, None when unknown.
        message: what it is doing, or why it failed.
    """

    id: str
    corpus: str
    state: JobState
    read: int
    stored: int
    skipped: int
    rejected: int
    failed: int
    started_at: datetime
    finished_at: datetime | None
    documents_per_second: float
    seconds_left: float | None
    message: str = ""


@dataclass(frozen=True)
class LabelChance:
    """One node of a taxonomy, as likely as a classifier finds it for a text; a child is never likelier than its parent.

    Attributes:
        label: of the node.
        probability: calibrated, 0 to 1.
        parent: label of the node above, "" at the first level.
        path: labels from the root to this one, where two nodes may have one name; else empty.
    """

    label: str
    probability: float
    parent: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """Where in a taxonomy a text belongs.

    Attributes:
        labels: root-first path; ends early where only the upper levels are sure; empty for "none of these".
        confidence: probability of the last label in `labels`; of the likeliest first-level label where there is none.
        levels: the likeliest labels of each level, best first, root level first.
    """

    labels: tuple[str, ...]
    confidence: float
    levels: tuple[tuple[LabelChance, ...], ...] = ()
