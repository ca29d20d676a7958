"""What the search for anomalies answers: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trivec.learning.anomalies.form import Trait
from trivec.learning.anomalies.reasons import OddWord
from trivec.records import Anomaly, Verdict


@dataclass(frozen=True)
class UnusualPassage:
    """A document at its oddest passage.

    Attributes:
        document_id: the document.
        passage_number: of the passage.
        title: may be empty.
        text: of the passage.
        date: of the document, None when unknown.
        labels: root first.
        source: where it came from.
        anomaly: score and p-values.
        rate: lowest false discovery rate at which it would be called an anomaly, 0 to 1.
        mark: what somebody said of it.
    """

    document_id: str
    passage_number: int
    title: str
    text: str
    date: datetime | None
    labels: tuple[str, ...]
    source: str
    anomaly: Anomaly
    rate: float
    mark: Verdict | None


@dataclass(frozen=True)
class Unusual:
    """The most unusual documents of a corpus.

    Attributes:
        model: reference of the model that judged.
        scored: passages it has looked at.
        passages: passages there are.
        found: oddest first.
    """

    model: str
    scored: int
    passages: int
    found: tuple[UnusualPassage, ...]


@dataclass(frozen=True)
class NearText:
    """A normal text near to one that is asked about.

    Attributes:
        document_id: of it.
        title: may be empty.
        text: the passage.
        labels: root first.
        distance: 1 - cosine; lower is nearer.
    """

    document_id: str
    title: str
    text: str
    labels: tuple[str, ...]
    distance: float


@dataclass(frozen=True)
class Explained:
    """How unusual a text is, and why.

    Attributes:
        model: reference of the model that judged.
        text: what was judged, as it was cleaned; of a long text its oddest passage.
        score: higher is more unusual.
        p_value: share of normal passages at least as unusual, times the passages of the text.
        views: p-value of each view.
        words: that make it odd, oddest first; spans are of `text`.
        traits: of its form that stand out.
        nearest: normal texts, nearest first.
    """

    model: str
    text: str
    score: float
    p_value: float
    views: Mapping[str, float]
    words: tuple[OddWord, ...]
    traits: tuple[Trait, ...]
    nearest: tuple[NearText, ...]


@dataclass(frozen=True)
class Scored:
    """How unusual one text of a batch is.

    Attributes:
        score: higher is more unusual.
        p_value: of the oddest passage, times the passages.
        rate: lowest false discovery rate at which it would be called an anomaly among the batch.
        anomaly: whether it is called one at the rate asked for.
        views: p-value of each view, of the oddest passage.
    """

    score: float
    p_value: float
    rate: float
    anomaly: bool
    views: Mapping[str, float]


@dataclass(frozen=True)
class DriftStatus:
    """Whether what came in since the model was learned still looks like the corpus.

    Attributes:
        state: `steady`, `drifted`, or `too few` new documents to tell.
        incoming: documents that came since.
        p_value: of the two-sample test, None with too few.
        since: when the model was learned.
        advice: what to do, in words.
    """

    state: str
    incoming: int
    p_value: float | None
    since: datetime
    advice: str
