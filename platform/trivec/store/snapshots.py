"""Snapshots of generations: what Qdrant keeps beside a collection, to go back to when the collection is lost."""

from trivec.store.generation import Generation
from trivec.store.lifecycle import Lifecycle


class Snapshots(Lifecycle):
    """What a store does with copies of itself."""

    def snapshot(self, generation: Generation, *, keep: int) -> list[str]:
        """Makes a snapshot and removes all but the youngest `keep`; the names of those that remain, oldest first."""
        name = generation.collection
        if self._connection.local:  # in memory there is nothing to keep
            return []
        self._connection.call(f"making a snapshot of {name}", lambda: self._client.create_snapshot(name, wait=True))
        known = self.snapshots(generation)
        for old in known[:-keep]:
            self._remove(name, old)
        return known[-keep:]

    def _remove(self, collection: str, snapshot: str) -> None:
        self._connection.call(
            f"removing {snapshot}", lambda: self._client.delete_snapshot(collection, snapshot, wait=True)
        )

    def snapshots(self, generation: Generation) -> list[str]:
        """Names of a generation's snapshots, oldest first."""
        name = generation.collection
        found = self._connection.call(f"listing snapshots of {name}", lambda: self._client.list_snapshots(name))
        return [each.name for each in sorted(found, key=lambda each: each.creation_time or "")]
