"""Generations of a corpus: made, filled, switched to in one step, rolled back, dropped.

The alias is the truth of who serves. Metadata only follows it, so a crash between two steps leaves a state that the
next call completes: a generation being created is found again, a switch has happened or has not.
"""

from collections.abc import Mapping, Sequence

from qdrant_client import models

from trivec.encoders.base import EncoderSpec
from trivec.errors import Conflict, NotFound
from trivec.records import Scalar
from trivec.store import schema
from trivec.store.connection import Connection
from trivec.store.filters import first_passages
from trivec.store.generation import CorpusInfo, Generation, from_metadata, to_metadata
from trivec.store.names import check_corpus, collection_name, parse_collection


class Lifecycle:
    """What a store does with whole generations and corpora."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = connection.client
        self._indexed: dict[str, set[str]] = {}  # by collection: metadata paths known to have an index

    def create_generation(
        self,
        corpus: str,
        specs: Sequence[EncoderSpec],
        *,
        parameters: schema.Parameters | None = None,
        details: Mapping[str, Scalar] | None = None,
    ) -> Generation:
        """A new, filling generation; the same call again returns the one that is filling already.

        Raises:
            BadInput: a corpus name or specs that cannot be.
            Conflict: another generation of this corpus, with other encoders, is filling: drop or activate it first.
        """
        check_corpus(corpus)
        parameters = parameters or schema.Parameters()
        dense, sparse = schema.dense(specs, parameters), schema.sparse(specs)
        known = self.generations(corpus)
        if filling := next((each for each in known if each.state == "filling"), None):
            return self._resume(filling, specs)
        number = max((each.number for each in known), default=0) + 1
        name = collection_name(corpus, number)
        try:
            self._connection.call(
                f"creating {name}",
                lambda: self._client.create_collection(
                    name,
                    vectors_config=dense,
                    sparse_vectors_config=sparse,
                    hnsw_config=models.HnswConfigDiff(m=parameters.hnsw_m, ef_construct=parameters.hnsw_ef_construct),
                    on_disk_payload=parameters.on_disk_payload,
                    metadata=to_metadata(corpus, number, specs, details or {}),
                ),
            )
        except Conflict:  # somebody else made it in this moment, or an answer was lost
            return self._resume(self._generation(name, serves=False), specs)
        return self._resume(self._generation(name, serves=False), specs)

    def activate(self, generation: Generation) -> Generation:
        """Let a generation serve; the one that served is retired. Readers see one or the other, never neither."""
        served = self._served(generation.corpus)
        if served == generation.collection:
            self._mark(served, "active")
            return self.current(generation.corpus)
        if served is not None:
            self._mark(served, "active")  # a switch that died before this left it `filling`
        self._point_alias(generation.corpus, generation.collection, replaces=served is not None)
        self._mark(generation.collection, "active")
        return self.current(generation.corpus)

    def reopen(self, generation: Generation) -> Generation:
        """Let a retired generation receive writes again, so that it can be filled and then activated.

        Raises:
            Conflict: another one is filling: drop or activate it first.
        """
        filling = self.filling(generation.corpus)
        if filling is not None and filling.number != generation.number:
            raise Conflict(f"generation {filling.collection!r} is being filled: wait until it serves, or drop it")
        if generation.state == "retired":
            self._mark(generation.collection, "filling")
        return self._generation(generation.collection, serves=generation.state == "active")

    def rollback(self, corpus: str) -> Generation:
        """Let the youngest retired generation older than the active one serve again.

        Documents written since it was retired are not in it; deletions are. Re-ingest or refill to add them.

        Raises:
            NotFound: there is no such generation.
        """
        current = self.current(corpus)
        older = [each for each in self.generations(corpus) if each.number < current.number]
        if not older:
            raise NotFound(f"corpus {corpus!r} has no generation before {current.number} to roll back to")
        return self.activate(older[-1])

    def drop(self, generation: Generation) -> None:
        """Delete a generation that does not serve.

        Raises:
            Conflict: it serves; activate another first, or delete the corpus.
        """
        if self._served(generation.corpus) == generation.collection:
            raise Conflict(f"generation {generation.collection!r} serves: activate another one before dropping it")
        self._delete_collection(generation.collection)

    def generations(self, corpus: str) -> list[Generation]:
        """All generations of a corpus, oldest first."""
        served = self._served(corpus)
        numbers = sorted(number for name, number in self._collections() if name == corpus)
        names = [collection_name(corpus, number) for number in numbers]
        return [self._generation(name, serves=name == served) for name in names]

    def current(self, corpus: str) -> Generation:
        """The generation that serves.

        Raises:
            NotFound: no such corpus, or none of its generations serves yet.
        """
        served = self._served(corpus)
        if served is None:
            raise NotFound(f"corpus {corpus!r} does not exist: ingest documents into it first")
        return self._generation(served, serves=True)

    def filling(self, corpus: str) -> Generation | None:
        """The generation that is being filled, if one is."""
        return next((each for each in self.generations(corpus) if each.state == "filling"), None)

    def targets(self, corpus: str) -> list[Generation]:
        """Where a write has to go: the active generation and the filling one, those that exist."""
        return [each for each in self.generations(corpus) if each.state != "retired"]

    def corpora(self) -> list[CorpusInfo]:
        """Every corpus with its counts, by name."""
        names = sorted({name for name, _ in self._collections()})
        return [info for name in names if (info := self.corpus(name))]

    def corpus(self, name: str) -> CorpusInfo | None:
        """A corpus with its counts, None when it neither serves nor fills."""
        targets = self.targets(name)
        if not targets:
            return None
        generation = next((each for each in targets if each.state == "active"), targets[-1])
        documents = self._count(generation, models.Filter(must=[first_passages()]))
        return CorpusInfo(name, documents, self._count(generation, None), generation)

    def delete_corpus(self, corpus: str) -> None:
        """Delete every generation, the alias first so that nobody reads a half-deleted corpus.

        Raises:
            NotFound: no such corpus.
        """
        generations = self.generations(corpus)
        if not generations:
            raise NotFound(f"corpus {corpus!r} does not exist")
        if self._served(corpus) is not None:
            self._change_aliases([_remove(corpus)])
        for generation in generations:
            self._delete_collection(generation.collection)

    def ping(self) -> None:
        """Ask Qdrant anything at all.

        Raises:
            Unavailable: it does not answer.
        """
        self._connection.call("asking Qdrant for its aliases", self._client.get_aliases)

    def _resume(self, generation: Generation, specs: Sequence[EncoderSpec]) -> Generation:
        if generation.specs != tuple(specs):
            raise Conflict(
                f"generation {generation.collection!r} with vectors {list(generation.names)} is still filling: "
                "activate or drop it before starting another"
            )
        if not self._connection.local:
            info = self._connection.call("reading indexes", lambda: self._client.get_collection(generation.collection))
            for key, kind in schema.payload_indexes().items():
                if key not in info.payload_schema:
                    self._index(generation.collection, key, kind)
        return generation

    def _index(self, collection: str, key: str, kind: models.PayloadSchemaType | models.TextIndexParams) -> None:
        if not self._connection.local:
            self._connection.call(
                f"indexing {key} of {collection}",
                lambda: self._client.create_payload_index(collection, key, field_schema=kind),
            )

    def _collections(self) -> list[tuple[str, int]]:
        found = self._connection.call("listing collections", self._client.get_collections)
        return [parsed for each in found.collections if (parsed := parse_collection(each.name))]

    def _served(self, corpus: str) -> str | None:
        found = self._connection.call("listing aliases", self._client.get_aliases)
        return next((each.collection_name for each in found.aliases if each.alias_name == corpus), None)

    def _generation(self, collection: str, *, serves: bool) -> Generation:
        info = self._connection.call(f"reading {collection}", lambda: self._client.get_collection(collection))
        return from_metadata(collection, info.config.metadata or {}, serves=serves)

    def _mark(self, collection: str, state: str) -> None:
        self._connection.call(
            f"marking {collection} {state}",
            lambda: self._client.update_collection(collection, metadata={"state": state}),
        )

    def _point_alias(self, alias: str, collection: str, *, replaces: bool) -> None:
        create = models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name=collection, alias_name=alias)
        )
        self._change_aliases([_remove(alias), create] if replaces else [create])

    def _change_aliases(self, changes: Sequence[models.CreateAliasOperation | models.DeleteAliasOperation]) -> None:
        self._connection.call("switching aliases", lambda: self._client.update_collection_aliases(list(changes)))

    def _delete_collection(self, collection: str) -> None:
        self._connection.call(f"deleting {collection}", lambda: self._client.delete_collection(collection))

    def _count(self, generation: Generation, where: models.Filter | None) -> int:
        return self._connection.call(
            f"counting in {generation.collection}",
            lambda: self._client.count(generation.collection, count_filter=where, exact=True),
        ).count


def _remove(alias: str) -> models.DeleteAliasOperation:
    return models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))
