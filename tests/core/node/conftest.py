"""A storage folder, a catalogue on it, and points to write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from qdrant_client import models

from tests.core.node.engine_world import Points, create_collection
from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection


@pytest.fixture
def parameters() -> models.CreateCollection:
    return create_collection()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "node") as catalogue:
        yield catalogue


@pytest.fixture
def points() -> Points:
    return Points()


@pytest.fixture
def collection(catalogue: Catalogue, parameters: models.CreateCollection) -> Collection:
    return catalogue.create("news", parameters)
