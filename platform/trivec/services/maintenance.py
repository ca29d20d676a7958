"""Keeping things in order: what serves is copied, what is too old goes. Roll-back stays possible, disks do not fill."""

from datetime import timedelta
from typing import TYPE_CHECKING

from trivec.services.job_records import now

if TYPE_CHECKING:
    from trivec.store import Store
    from trivec.store.generation import Generation

_KEPT = 1  # retired generations of each corpus, for roll-back
_SNAPSHOTS = 2  # of what serves: the youngest may be of something that has just gone wrong
_SETTLED = timedelta(days=1)  # what was made since may be wanted back, however many there are


class MaintenanceService:
    """What nobody asks for and everybody needs.

    Args:
        store: of the corpora.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store

    def snapshot(self) -> None:
        """Copies the generation of each corpus that serves, and drops retired ones but the youngest."""
        for info in self._store.corpora():
            if info.generation.state == "active":
                self._store.snapshot(info.generation, keep=_SNAPSHOTS)
            for generation in self._superfluous(info.name):
                self._store.drop(generation)

    def _superfluous(self, corpus: str) -> list["Generation"]:
        retired = [each for each in self._store.generations(corpus) if each.state == "retired"]
        return [each for each in retired[:-_KEPT] if now() - each.created_at > _SETTLED]
