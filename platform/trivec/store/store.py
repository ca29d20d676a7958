"""The store: everything Trivec keeps in Qdrant, behind one class."""

from qdrant_client import QdrantClient

from trivec.store.connection import Connection
from trivec.store.queries import Queries
from trivec.store.reads import Reads
from trivec.store.snapshots import Snapshots
from trivec.store.writes import Writes


class Store(Writes, Reads, Queries, Snapshots):
    """Corpora, generations, passages and their vectors in one Qdrant.

    Args:
        url: of a node, a server or a cluster.
        api_key: where one is set.
        timeout: seconds a single request may take.
        patience: seconds to go on trying while Qdrant does not answer.
    """

    def __init__(self, url: str, *, api_key: str | None = None, timeout: float = 30.0, patience: float = 10.0) -> None:
        super().__init__(Connection.open(url, api_key=api_key, timeout=timeout, patience=patience))

    @classmethod
    def from_client(cls, client: QdrantClient, *, patience: float = 0.0) -> "Store":
        """A store over a client that exists already, such as `QdrantClient(":memory:")`."""
        store = cls.__new__(cls)
        Writes.__init__(store, Connection(client, patience=patience))
        return store

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
