"""Services of one's own: the production code over a fresh home and a node of its own, leaving the user's untouched."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from trivec.evaluation.own_node import OwnNode, own_node
from trivec.records import Document, Scalar
from trivec.services.batches import Batch, BatchWriter
from trivec.services.container import Container
from trivec.services.passages import Preparation

CORPUS: Final = "measured"
_BATCH: Final = 512  # documents

Say = Callable[[str], None]  # told what is going on


@contextmanager
def own_services(container: Container, **changed: Scalar) -> Iterator[tuple[Container, OwnNode]]:
    """Services with the settings of `container` but with nothing of its data; all is removed when the block ends.

    Args:
        container: whose settings and whose cache of converted models are used.
        changed: settings to change for the measurement.
    """
    cache = container.settings.home / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="trivec-measured-") as folder, own_node(Path(folder) / "node") as node:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "cache").symlink_to(cache.resolve(), target_is_directory=True)
        own = {"home": home, "qdrant_url": node.url, "qdrant_api_key": None, "mlflow_url": "", "ledger_url": ""}
        settings = type(container.settings)(**(container.settings.model_dump() | own | changed))
        yield Container(settings), node


def ingest(services: Container, documents: Sequence[Document], *, say: Say) -> None:
    """Learn the corpus's word vectors without any labels, begin its generation, and store the documents in it."""
    services.vectors.begin(CORPUS, lambda: documents, count=len(documents), progress=say)
    writer = BatchWriter(services.store, services.encoders, Preparation())
    at = datetime.now(UTC)
    for start in range(0, len(documents), _BATCH):
        say(f"encoded and stored {start} of {len(documents)} documents")
        writer.write(Batch(CORPUS, documents[start : start + _BATCH], at), looked=lambda unchanged: None)
