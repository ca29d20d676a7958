"""Generations of a corpus, over the in-memory client and over the real node through its REST API."""

from dataclasses import replace

import pytest

from trivec.errors import Conflict, NotFound
from trivec.store import Store

from .store_world import SPECS, fill


def test_a_generation_remembers_its_encoders(store: Store, corpus: str) -> None:
    made = store.create_generation(corpus, SPECS, details={"job": "j1"})
    assert made.specs == SPECS
    assert (made.collection, made.state, made.details) == (f"{corpus}.g1", "filling", {"job": "j1"})
    assert store.activate(made) == store.current(corpus) == replace(made, state="active")


def test_making_a_generation_twice_makes_one(store: Store, corpus: str) -> None:
    assert store.create_generation(corpus, SPECS) == store.create_generation(corpus, SPECS)
    assert len(store.generations(corpus)) == 1
    with pytest.raises(Conflict, match="still filling"):
        store.create_generation(corpus, SPECS[:1])


def test_a_corpus_that_serves_nothing_is_not_found(store: Store, corpus: str) -> None:
    store.create_generation(corpus, SPECS)
    with pytest.raises(NotFound, match=f"'{corpus}' does not exist"):
        store.current(corpus)
    assert store.filling(corpus) is not None


def test_switching_and_rolling_back_moves_the_alias_and_keeps_the_old(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    second = store.create_generation(corpus, SPECS[:2])
    assert [each.number for each in store.targets(corpus)] == [1, 2]
    store.activate(second)
    assert [each.state for each in store.generations(corpus)] == ["retired", "active"]
    assert store.rollback(corpus).number == first.number
    assert [each.state for each in store.generations(corpus)] == ["active", "retired"]
    with pytest.raises(NotFound, match="no generation before 1"):
        store.rollback(corpus)


def test_only_a_generation_that_does_not_serve_can_be_dropped(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    with pytest.raises(Conflict, match="serves"):
        store.drop(first)
    store.activate(store.create_generation(corpus, SPECS))
    store.drop(first)
    assert [each.number for each in store.generations(corpus)] == [2]


def test_a_switch_that_died_before_the_metadata_was_written_is_completed(store: Store, corpus: str) -> None:
    first = fill(store, corpus)
    second = store.create_generation(corpus, SPECS)
    store._point_alias(corpus, second.collection, replaces=True)  # and here the process dies
    assert [each.state for each in store.generations(corpus)] == ["retired", "active"]
    store.rollback(corpus)
    assert [each.state for each in store.generations(corpus)] == ["active", "retired"]
    assert store.current(corpus).number == first.number
