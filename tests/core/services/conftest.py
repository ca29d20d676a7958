"""A small corpus with real encoders in an in-memory Qdrant, a Redis and a registry, each made once."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from qdrant_client import QdrantClient
from redis import Redis

from tests.support.processes import Process, free_port, redis_process
from trivec.encoders import sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import EncoderSet, build
from trivec.records import Passage, StoredPassage
from trivec.registry import Registry
from trivec.services.search import SearchService
from trivec.store import Store
from trivec.store.generation import Generation
from trivec.text.analyser import Analyser

SPECS = (
    EncoderSpec(name="glove", family="glove", kind="dense", dimension=50),
    EncoderSpec(
        name="bert", family="onnx", kind="dense", dimension=384, model="sentence-transformers/all-MiniLM-L6-v2"
    ),
    sparse.spec("bm25", average_terms=12.0),
)
TEXTS = {
    "gold": "The gold standard fixes the value of the dollar in gold, and paper money can be redeemed at any bank.",
    "silver": "Free coinage of silver would raise prices; farmers want silver money and cheaper credit.",
    "navy": "The navy needs steel cruisers, docks and trained sailors to protect our commerce on every ocean.",
    "army": "The army keeps small garrisons in the western forts and trains new soldiers each spring.",
    "rail": "Railroads carry wheat to the coast; their freight rates burden the farmer and enrich the owner.",
    "canal": "A canal across the isthmus would join two oceans and halve the voyage of every merchant ship.",
    "schools": "Public schools teach every child to read, and universities train teachers for them.",
    "health": "Clean water and vaccination keep cholera away from crowded cities.",
    "spain": "The war with Spain ended in a peace treaty; Cuba is free and Manila is ours.",
    "mexico": "Our troops crossed the river into Mexico and the war was short; a treaty moved the border.",
    "forest": "Forests must be replanted where they were cut, or floods will follow in the valleys.",
    "patents": "Inventors applied for thousands of patents on lamps, telephones and engines.",
}


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = redis_process(tmp_path_factory.mktemp("redis"), free_port())
    process.start()
    yield process
    process.stop()


@pytest.fixture
def queue(redis: Process) -> "Iterator[Redis]":
    """The Redis, empty."""
    with Redis.from_url(redis.address) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Its database takes seconds to make, so tests share it."""
    folder = tmp_path_factory.mktemp("registry")
    return Registry(f"sqlite:///{folder / 'mlflow.db'}", folder / "models")


@pytest.fixture(scope="session")
def analyser() -> Analyser:
    return Analyser()


@pytest.fixture(scope="session")
def encoders(pytestconfig: pytest.Config) -> EncoderSet:
    """Glove, bert and bm25 as users get them; what is converted for them is kept between test runs."""
    cache: Path = pytestconfig.cache.mkdir("encoders")
    return build(SPECS, artefacts=Path, cache=cache, threads=1)


def stored(document_id: str, texts: Sequence[str], **metadata: str | int) -> list[StoredPassage]:
    """The passages of a document, one after the other in its text."""
    position, passages = 0, []
    for number, text in enumerate(texts):
        piece = Passage(number, text, position, position + len(text))
        position = piece.end + 1
        year = 1880 + 5 * (sum(map(ord, document_id)) % 8)
        passages.append(
            StoredPassage(
                document_id=document_id,
                passage=piece,
                passages=len(texts),
                title=f"On {document_id}",
                date=datetime(year, 12, 1, tzinfo=UTC),
                labels=("war" if "war" in text else "peace", document_id),
                source="messages.csv",
                content_hash=document_id,
                ingested_at=datetime(2026, 1, 1, tzinfo=UTC),
                language="en",
                metadata=metadata,
            )
        )
    return passages


def write(
    store: Store, generation: Generation, passages: list[StoredPassage], encoders: EncoderSet, analyser: Analyser
) -> None:
    texts = analyser.analyse([each.passage.text for each in passages])
    store.upsert(generation, passages, encoders.encode_documents(texts))


@pytest.fixture(scope="session")
def corpus(encoders: EncoderSet, analyser: Analyser) -> Iterator[Store]:
    """The corpus `messages`: a dozen short documents and a long one."""
    store = Store.from_client(QdrantClient(":memory:"))
    generation = store.activate(store.create_generation("messages", SPECS))
    passages = [each for key, text in TEXTS.items() for each in stored(key, [text], words=len(text.split()))]
    passages += stored("union", [TEXTS["gold"][:50], "Taxes fell and the debt was paid.", "The navy is at peace."])
    write(store, generation, passages, encoders, analyser)
    yield store
    store.close()


@pytest.fixture(scope="session")
def search_service(corpus: Store, encoders: EncoderSet, analyser: Analyser) -> SearchService:
    return SearchService(corpus, lambda _generation: encoders, analyser)
