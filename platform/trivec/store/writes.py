"""Writing passages with their vectors, and deleting documents and sources from every generation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from qdrant_client import models

from trivec.errors import BadInput
from trivec.records import Anomaly, MapPlace, Predicted, StoredPassage, TextVectors, Verdict
from trivec.store.filters import any_of
from trivec.store.generation import Generation
from trivec.store.lifecycle import Lifecycle
from trivec.store.names import point_id
from trivec.store.payload import anomaly_payload, cell_payload, predicted_payload, to_payload
from trivec.store.vectors import WireVector, row, to_wire

Finding = Literal["anomaly", "cell", "predicted"]
"""A payload field that a model writes, with the model's name in it."""


class Writes(Lifecycle):
    """What a store does with documents."""

    def upsert(
        self,
        generation: Generation,
        passages: Sequence[StoredPassage],
        vectors: Mapping[str, TextVectors],
        *,
        only_new: bool = False,
    ) -> None:
        """Store passages, row i of every vector belonging to passage i; durable when it returns.

        Passages a document had beyond its present count disappear in the same request, before the new ones come:
        whoever dies in between leaves an old content hash, and the document is written again.

        Args:
            generation: one of `targets(corpus)`; a write goes to each of them, with the vectors of its encoders.
            passages: of any number of documents.
            vectors: by name; a name left out, and a row that is not present, is left out of the points.
            only_new: leave points alone that exist. For filling a generation from an older one while new writes
                arrive: what is there already is younger.

        Raises:
            BadInput: a vector that this generation does not have, or another number of rows than of passages.
        """
        if not passages:
            return
        _check(generation, passages, vectors)
        points = _points(generation.corpus, passages, vectors)
        mode = models.UpdateMode.INSERT_ONLY if only_new else None
        operations: list[Any] = [models.UpsertOperation(upsert=models.PointsList(points=points, update_mode=mode))]
        if not only_new:
            operations.insert(0, models.DeleteOperation(delete=models.FilterSelector(filter=_surplus(passages))))
        self._update(generation.collection, f"storing {len(points)} passages", operations)

    def hashes(self, generation: Generation, document_ids: Sequence[str]) -> dict[str, str]:
        """Content hash by document, for those that are stored completely."""
        first = self._fields(generation, ((each, 0) for each in document_ids), ["content_hash", "passages"])
        rest = [(each, n) for each, stored in first.items() for n in range(1, stored[0]["passages"])]
        others = self._fields(generation, rest, ["content_hash"]) if rest else {}
        found = {}
        for document, stored in first.items():
            content_hash = stored[0]["content_hash"]
            same = [each for each in others.get(document, []) if each["content_hash"] == content_hash]
            if len(same) == stored[0]["passages"] - 1:
                found[document] = content_hash
        return found

    def delete_documents(self, corpus: str, document_ids: Sequence[str]) -> None:
        """Remove documents from every generation, retired ones too, so that no roll-back brings them back."""
        for first in range(0, len(document_ids), 1000):
            self._delete(corpus, any_of("document_id", document_ids[first : first + 1000]))

    def delete_source(self, corpus: str, source: str) -> None:
        """Remove every document of a source from every generation."""
        self._delete(corpus, any_of("source", [source]))

    def set_payload(self, corpus: str, document_ids: Sequence[str], payload: Mapping[str, Any]) -> None:
        """Add what scheduled tasks found (anomaly, predicted labels, cell) to all passages of these documents."""
        where = models.Filter(must=[any_of("document_id", document_ids)])
        for generation in self.targets(corpus):
            self._set_payload(generation.collection, where, dict(payload))

    def set_predicted(self, corpus: str, found: Mapping[str, Predicted], *, hashes: Mapping[str, str]) -> None:
        """Keep what a classifier said, in all passages of each document.

        Args:
            corpus: whose documents.
            found: by document.
            hashes: content hash of each of these documents when it was read: one that has changed since is left alone.
        """
        payloads = {document: {"predicted": predicted_payload(each)} for document, each in found.items()}
        self._set_each(corpus, payloads, hashes, f"setting predicted labels of {len(found)} documents")

    def set_places(self, corpus: str, found: Mapping[str, MapPlace], *, hashes: Mapping[str, str]) -> None:
        """Keep where documents lie on the corpus's map, in all passages of each document.

        Args:
            corpus: whose documents.
            found: by document.
            hashes: content hash of each of these documents when it was read: one that has changed since is left alone.
        """
        payloads = {document: {"cell": cell_payload(each)} for document, each in found.items()}
        self._set_each(corpus, payloads, hashes, f"setting cells of {len(found)} documents")

    def forget_places(self, corpus: str, model: str) -> None:
        """Removes from all documents the places on maps other than this one, and makes cells countable."""
        for generation in self.targets(corpus):
            self._index(generation.collection, "cell.number", models.PayloadSchemaType.INTEGER)
        self.forget(corpus, "cell", but=model)

    def forget(self, corpus: str, finding: Finding, *, but: str = "") -> None:
        """Removes what models found from all passages of every generation, retired ones too.

        Args:
            corpus: whose passages.
            finding: the payload field.
            but: the model (`name:version`) whose findings stay; "" for none.
        """
        others = models.FieldCondition(key=f"{finding}.model", match=models.MatchExcept(**{"except": [but]}))
        for generation in self.generations(corpus):
            self._delete_payload(generation.collection, finding, models.Filter(must=[others]))

    def set_anomalies(
        self, corpus: str, found: Mapping[tuple[str, int], Anomaly], *, hashes: Mapping[str, str]
    ) -> None:
        """Keep how unusual passages are.

        Args:
            corpus: whose passages.
            found: by document and number of the passage.
            hashes: content hash of each of these documents when it was read: one that has changed since is left alone.
        """
        operations = [
            models.SetPayloadOperation(
                set_payload=models.SetPayload(
                    payload={"anomaly": anomaly_payload(each)},
                    filter=models.Filter(
                        must=[
                            models.HasIdCondition(has_id=[str(point_id(corpus, document, number))]),
                            any_of("content_hash", [hashes[document]]),
                        ]
                    ),
                )
            )
            for (document, number), each in found.items()
        ]
        for generation in self.targets(corpus) if operations else ():
            self._update(generation.collection, f"setting {len(found)} anomaly scores", operations)

    def set_mark(self, corpus: str, document_id: str, number: int, mark: Verdict | None) -> None:
        """Keep what somebody says of a passage, or that it is taken back; durable when it returns."""
        where = models.Filter(must=[models.HasIdCondition(has_id=[str(point_id(corpus, document_id, number))])])
        for generation in self.targets(corpus):
            self._set_payload(generation.collection, where, {"mark": mark})

    def _set_each(
        self, corpus: str, payloads: Mapping[str, dict[str, Any]], hashes: Mapping[str, str], doing: str
    ) -> None:
        operations = [
            models.SetPayloadOperation(
                set_payload=models.SetPayload(payload=payload, filter=_unchanged(document, hashes[document]))
            )
            for document, payload in payloads.items()
        ]
        for generation in self.targets(corpus) if operations else ():
            self._update(generation.collection, doing, operations)

    def _update(self, collection: str, doing: str, operations: Sequence[Any]) -> None:
        self._connection.call(
            f"{doing} in {collection}",
            lambda: self._client.batch_update_points(collection, operations, wait=True),
        )

    def _set_payload(self, collection: str, where: models.Filter, payload: dict[str, Any]) -> None:
        self._connection.call(
            f"setting {sorted(payload)} in {collection}",
            lambda: self._client.set_payload(collection, payload, points=where, wait=True),
        )

    def _delete_payload(self, collection: str, key: str, where: models.Filter) -> None:
        self._connection.call(
            f"removing {key} in {collection}",
            lambda: self._client.delete_payload(collection, [key], points=where, wait=True),
        )

    def _delete(self, corpus: str, condition: models.FieldCondition) -> None:
        selector = models.FilterSelector(filter=models.Filter(must=[condition]))
        for generation in self.generations(corpus):
            self._delete_points(generation.collection, selector)

    def _delete_points(self, collection: str, selector: models.FilterSelector) -> None:
        self._connection.call(
            f"deleting from {collection}", lambda: self._client.delete(collection, selector, wait=True)
        )

    def _fields(
        self, generation: Generation, keys: Iterable[tuple[str, int]], fields: list[str]
    ) -> dict[str, list[dict[str, Any]]]:
        ids = [str(point_id(generation.corpus, *key)) for key in keys]
        records = self._connection.call(
            f"reading hashes in {generation.collection}",
            lambda: self._client.retrieve(generation.collection, ids, with_payload=["document_id", *fields]),
        )
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for record in records:
            payload = record.payload or {}
            found[payload["document_id"]].append(payload)
        return found


def _check(generation: Generation, passages: Sequence[StoredPassage], vectors: Mapping[str, TextVectors]) -> None:
    unknown = sorted(set(vectors) - set(generation.names))
    if unknown:
        raise BadInput(f"generation {generation.collection!r} has no vectors {unknown}: it has {generation.names}")
    for name, encoded in vectors.items():
        if len(encoded.present) != len(passages):
            raise BadInput(f"{len(encoded.present)} {name!r} vectors were given for {len(passages)} passages")


def _points(
    corpus: str, passages: Sequence[StoredPassage], vectors: Mapping[str, TextVectors]
) -> list[models.PointStruct]:
    return [
        models.PointStruct(
            id=str(point_id(corpus, stored.document_id, stored.passage.number)),
            vector=_row(vectors, number),
            payload=to_payload(stored),
        )
        for number, stored in enumerate(passages)
    ]


def _row(vectors: Mapping[str, TextVectors], number: int) -> dict[str, WireVector]:
    rows = {name: row(encoded, number) for name, encoded in vectors.items()}
    return {name: to_wire(vector) for name, vector in rows.items() if vector is not None}


def _unchanged(document: str, content_hash: str) -> models.Filter:
    return models.Filter(must=[any_of("document_id", [document]), any_of("content_hash", [content_hash])])


def _surplus(passages: Sequence[StoredPassage]) -> models.Filter:
    """Passages beyond the present count of each document, one condition per distinct count."""
    documents: dict[int, set[str]] = defaultdict(set)
    for stored in passages:
        documents[stored.passages].add(stored.document_id)
    return models.Filter(
        should=[
            models.Filter(
                must=[
                    any_of("document_id", sorted(ids)),
                    models.FieldCondition(key="passage", range=models.Range(gte=count)),
                ]
            )
            for count, ids in documents.items()
        ]
    )
