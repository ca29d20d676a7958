"""Keeping things in order: old generations are dropped, so that roll-back stays possible and disks do not fill."""

from datetime import timedelta
from typing import TYPE_CHECKING

from trivec.services.job_records import now

if TYPE_CHECKING:
    from trivec.store import Store
    from trivec.store.generation import Generation

_KEPT = 1  # retired generations of each corpus, for roll-back
_SETTLED = timedelta(days=1)  # what was made since may be wanted back, however many there are


class MaintenanceService:
    """What nobody asks for and everybody needs.

    Args:
        store: of the corpora.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store

    def snapshot(self) -> None:
        """Drops retired generations but the youngest of each corpus."""
        for info in self._store.corpora():
            for generation in self._superfluous(info.name):
                self._store.drop(generation)

    def _superfluous(self, corpus: str) -> list["Generation"]:
        retired = [each for each in self._store.generations(corpus) if each.state == "retired"]
        return [each for each in retired[:-_KEPT] if now() - each.created_at > _SETTLED]
