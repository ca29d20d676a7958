"""Upkeep: old generations go, those that a roll-back may want stay."""

from datetime import UTC, datetime, timedelta

import pytest
from qdrant_client import QdrantClient

from trivec.encoders import sparse
from trivec.services import maintenance
from trivec.services.maintenance import MaintenanceService
from trivec.store import Store


@pytest.fixture
def store() -> Store:
    """A corpus whose fourth generation serves."""
    store = Store.from_client(QdrantClient(":memory:"))
    for _ in range(4):
        store.activate(store.create_generation("news", [sparse.spec("bm25", average_terms=8.0)]))
    return store


def test_a_day_later_only_the_youngest_retired_generation_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "now", lambda: datetime.now(UTC) + timedelta(days=2))
    MaintenanceService(store).snapshot()
    assert [(each.number, each.state) for each in store.generations("news")] == [(3, "retired"), (4, "active")]
    assert store.rollback("news").number == 3


def test_on_the_same_day_nothing_goes(store: Store) -> None:
    MaintenanceService(store).snapshot()
    assert len(store.generations("news")) == 4
