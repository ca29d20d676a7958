"""What the store's contract tests put into a corpus: passages whose words, labels and vectors follow from their ids."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.records import (
    DenseVectors,
    Passage,
    SparseVectors,
    StoredPassage,
    TextVectors,
)
from trivec.store import Store
from trivec.store.generation import Generation

SPECS = (
    EncoderSpec(name="bert", family="onnx", kind="dense", dimension=8),
    EncoderSpec(name="glove", family="glove", kind="dense", dimension=4, options={"window": 5}),
    EncoderSpec(name="bm25", family="sparse", kind="sparse", dimension=0, modifier="idf"),
)
SPECS_BY_NAME = {spec.name: spec for spec in SPECS}
WORDS = ("gold", "silver", "tariff", "navy", "peace", "rail", "bank", "law", "land", "war")


def passage(document_id: str, number: int = 0, passages: int = 1, **changes: object) -> StoredPassage:
    """A passage whose words, labels and date follow from its id."""
    draw = random.Random(document_id)
    words = " ".join(draw.choices(WORDS, k=12))
    stored = StoredPassage(
        document_id=document_id,
        passage=Passage(number, f"{words} {number}", 100 * number, 100 * number + len(words) + 2),
        passages=passages,
        title=f"Message {document_id}",
        date=datetime(1900, 1, 1, tzinfo=UTC) + timedelta(days=draw.randrange(36_500)),
        labels=(draw.choice(("early", "late")), draw.choice(("whig", "federalist"))),
        source=draw.choice(("a.csv", "b.csv")),
        content_hash=f"hash of {document_id}",
        ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
        language=draw.choice(("en", "de", "")),
        metadata={"page": draw.randrange(5), "president name": draw.choice(("Polk", "Tyler"))},
    )
    return replace(stored, **changes)  # type: ignore[arg-type]


def encode(passages: Sequence[StoredPassage]) -> dict[str, TextVectors]:
    """Vectors that depend on the text only."""
    return {
        "bert": dense([stored.passage.text for stored in passages], 8),
        "glove": dense([stored.passage.text for stored in passages], 4),
        "bm25": sparse([stored.passage.text for stored in passages]),
    }


def dense(texts: Sequence[str], dimension: int) -> DenseVectors:
    rows = [np.random.default_rng(list(text.encode())).standard_normal(dimension) for text in texts]
    values = np.array([row / np.linalg.norm(row) for row in rows], np.float32)
    return DenseVectors(values, np.ones(len(texts), bool))


def sparse(texts: Sequence[str]) -> SparseVectors:
    starts, indices, values = [0], [], []
    for text in texts:
        known = {WORDS.index(word): text.split().count(word) for word in text.split() if word in WORDS}
        indices += sorted(known)
        values += [float(known[index]) for index in sorted(known)]
        starts.append(len(indices))
    return SparseVectors(np.array(starts), np.array(indices, np.int64), np.array(values, np.float32))


def fill(store: Store, corpus: str, count: int = 40) -> Generation:
    generation = store.activate(store.create_generation(corpus, SPECS))
    passages = [passage(f"d{number}") for number in range(count)]
    store.upsert(generation, passages, encode(passages))
    return generation
