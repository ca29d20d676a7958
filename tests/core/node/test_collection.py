"""A collection keeps what was acknowledged, whatever kills the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import qdrant_edge as edge
from qdrant_client import models

from tests.core.node.engine_world import Points, contents
from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection
from trivec.node.errors import BadRequest, Missing

WRITER = """
import sys
from pathlib import Path
from tests.core.node.engine_world import Points, create_collection
from trivec.node.catalogue import Catalogue

catalogue = Catalogue(Path(sys.argv[1]))
collection = catalogue.create("news", create_collection())
points = Points()
while True:
    collection.apply(points.upsert(16))
    catalogue.step()
    print(points.next_id, flush=True)
"""


@pytest.mark.parametrize("batches", [3, 40, 150])
def test_every_acknowledged_point_survives_a_kill_in_the_middle_of_writing(tmp_path: Path, batches: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "node")], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = 0
    for _ in range(batches):
        acknowledged = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    acknowledged = int((child.stdout.read().split() or [str(acknowledged)])[-1])
    child.stdout.close()
    child.wait()
    with Catalogue(tmp_path / "node") as catalogue:
        found = contents(catalogue.get("news"))
    expected = Points()
    written = [expected.upsert(16) for _ in range(acknowledged // 16)]
    assert set(map(str, range(acknowledged))) <= found.keys()
    assert len(written) * 16 == acknowledged
    assert len(found) <= acknowledged + 16


def test_operations_are_numbered_in_order(collection: Collection, points: Points) -> None:
    numbers = [collection.apply(points.upsert(2)) for _ in range(3)]
    assert numbers == sorted(set(numbers))


def test_everything_survives_closing_and_opening(tmp_path: Path, points: Points, parameters) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        collection = catalogue.create("news", parameters)
        for _ in range(30):
            points.change(collection)
        before = contents(collection)
    with Catalogue(tmp_path / "node") as catalogue:
        assert contents(catalogue.get("news")) == before
        assert before


def test_what_edge_refuses_is_a_bad_request_and_is_not_replayed_later(tmp_path: Path, parameters) -> None:
    short = edge.Point(id=2, vector={"dense": [1.0, 2.0]})
    good = edge.Point(id=3, vector={"dense": [1.0] * 16})
    catalogue = Catalogue(tmp_path / "node")
    collection = catalogue.create("news", parameters)
    with pytest.raises(BadRequest, match="dimension"):
        collection.apply(edge.UpdateOperation.upsert_points([short, good]))
    after = contents(collection)
    copy_of_a_dead_node(tmp_path / "node", tmp_path / "revived")
    with Catalogue(tmp_path / "revived") as revived:
        assert contents(revived.get("news")) == after
    catalogue.close()


def copy_of_a_dead_node(folder: Path, target: Path) -> None:
    """What the disk holds now, as if the process had been killed at this moment."""
    subprocess.run(["cp", "-r", str(folder), str(target)], check=True)


def test_a_missing_point_is_missing(collection: Collection) -> None:
    with pytest.raises(Missing, match="12345"):
        collection.apply(edge.UpdateOperation.set_payload([12345], {"a": 1}))


SCHEMAS: list[models.PayloadFieldSchema] = [
    *models.PayloadSchemaType,
    models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True, prefix=True),
    models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, lookup=True, range=False),
    models.TextIndexParams(
        type=models.TextIndexType.TEXT,
        tokenizer=models.TokenizerType.WORD,
        min_token_len=2,
        lowercase=True,
        phrase_matching=True,
        stopwords=models.StopwordsSet(languages=[models.Language.ENGLISH], custom=["qdrant"]),
        stemmer=models.SnowballParams(type=models.Snowball.SNOWBALL, language=models.SnowballLanguage.ENGLISH),
    ),
]


def test_payload_indexes_of_all_kinds_are_reported_and_survive_a_restart(tmp_path: Path, parameters) -> None:
    schemas = {f"field{number}.inner": schema for number, schema in enumerate(SCHEMAS)}
    with Catalogue(tmp_path / "node") as catalogue:
        collection = catalogue.create("news", parameters)
        for field, schema in schemas.items():
            collection.create_index(field, schema)
    with Catalogue(tmp_path / "node") as catalogue:
        told = catalogue.get("news").info().payload_schema
        catalogue.get("news").delete_index("field0.inner")
    assert {field: index.params or index.data_type for field, index in told.items()} == schemas
    with Catalogue(tmp_path / "node") as catalogue:
        assert schemas.keys() - catalogue.get("news").info().payload_schema.keys() == {"field0.inner"}


def test_a_payload_index_counts_its_points(collection: Collection, points: Points) -> None:
    collection.apply(points.upsert(20))
    collection.apply(edge.UpdateOperation.clear_payload([1, 2, 3]))
    collection.create_index("group", models.PayloadSchemaType.INTEGER)
    assert collection.info().payload_schema["group"].points == 17


def test_an_index_that_only_edge_knows_of_is_reported(tmp_path: Path, parameters) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        operation = edge.UpdateOperation.create_field_index("when", edge.PayloadSchemaType.Datetime)
        catalogue.create("news", parameters).apply(operation)
    with Catalogue(tmp_path / "node") as catalogue:
        assert catalogue.get("news").info().payload_schema["when"].data_type == models.PayloadSchemaType.DATETIME


def test_a_named_vector_can_be_added_and_removed(collection: Collection, points: Points) -> None:
    collection.apply(points.upsert(3))
    collection.create_vector("late", models.VectorParams(size=3, distance=models.Distance.DOT))
    collection.create_vector("words", models.SparseVectorParams(modifier=models.Modifier.IDF))
    late = edge.PointVectors(1, {"late": [1.0, 2.0, 3.0], "words": edge.SparseVector([4], [0.5])})
    collection.apply(edge.UpdateOperation.update_vectors([late]))
    request = edge.QueryRequest(limit=5, query=edge.Query.Nearest([1.0, 2.0, 3.0], using="late"))
    assert [hit.id for hit in collection.query(request)] == [1]
    assert {"late", "dense", "other"} == set(collection.info().config.params.vectors)
    collection.delete_vector("late")
    assert {"dense", "other"} == set(collection.info().config.params.vectors)
    with pytest.raises(BadRequest):
        collection.query(request)
