"""Indexes are built beside the served shard; whatever comes or crashes meanwhile, nothing is lost."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import qdrant_edge as edge
from qdrant_client import models

from tests.core.node.engine_world import Points, contents, create_collection, is_green, work_until
from trivec.node import index_build, index_process
from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection
from trivec.node.errors import BadRequest, Internal
from trivec.node.optimizer import appended_vectors


def fill(collection: Collection, points: Points, *, count: int = 1000) -> None:
    for _ in range(count // 250):
        collection.apply(points.upsert(250))


def test_a_small_collection_stays_green_and_is_left_alone(
    catalogue: Catalogue, collection: Collection, points: Points
) -> None:
    collection.apply(points.upsert(100))
    for _ in range(5):
        catalogue.step()
    assert is_green(collection)
    assert collection.shard_path.name == "000001"


def test_a_large_one_is_yellow_until_its_index_is_built(
    catalogue: Catalogue, collection: Collection, points: Points
) -> None:
    fill(collection, points)
    assert collection.info().status == models.CollectionStatus.YELLOW
    before = contents(collection)
    work_until(catalogue, done=lambda: is_green(collection))
    assert contents(collection) == before
    assert sum(appended_vectors(collection.shard_path).values()) == 0
    assert collection.info().segments_count > 1
    assert collection.shard_path.name == "000002"
    work_until(catalogue, done=lambda: len(list(collection.folder.shards.iterdir())) == 1)


def test_every_change_made_during_a_build_is_in_the_new_shard(
    catalogue: Catalogue, collection: Collection, points: Points
) -> None:
    twin = catalogue.create("twin", create_collection())
    mirror = Points()
    for writer, target in ((points, collection), (mirror, twin)):
        fill(target, writer)
    changes = 0
    created = False
    shard = collection.shard_path
    work_until(catalogue, done=lambda: collection.recorded is not None)
    while collection.shard_path == shard and changes < 5000:
        for writer, target in ((points, collection), (mirror, twin)):
            writer.change(target)
            if changes == 10:
                target.create_index("group", models.PayloadSchemaType.INTEGER)
                created = True
        changes += 1
        time.sleep(catalogue.step() / 20)
    assert created
    assert contents(collection) == contents(twin)
    assert collection.info().payload_schema == twin.info().payload_schema
    for group in range(10):
        condition = edge.FieldCondition(key="group", match=edge.MatchValue(group))
        request = edge.CountRequest(filter=edge.Filter(must=[condition]))
        assert collection.count(request) == twin.count(request)


CRASHES = {
    "while copying": "import trivec.node.durable as m; hit(m, 'copy_file', 'trivec.node.shard_copy')",
    "when recording begins": "import trivec.node.index_build as m; hit(m, 'IndexProcess')",
    "while the other process builds": "import trivec.node.index_build as m; hit(m, '_outcome')",
    "while replaying": "import trivec.node.index_build as m; hit(m, '_replay')",
    "before the switch": "import trivec.node.index_build as m; hit(m, '_switch')",
    "after the switch": "import trivec.node.index_build as m; hit(m, '_let_go')",
}

CRASHING = """
import importlib, os, signal, sys, time
from pathlib import Path
from tests.core.node.engine_world import Points
from trivec.node.catalogue import Catalogue

def hit(module, name, *users):
    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)
    for user in [module, *map(importlib.import_module, users)]:
        setattr(user, name, die)

{crash}
catalogue = Catalogue(Path(sys.argv[1]))
collection = catalogue.get("news")
points = Points(seed=9)
points.next_id = 1000
while True:
    if collection.recorded is not None:
        collection.apply(points.upsert(4))
        print(points.next_id, flush=True)
    time.sleep(catalogue.step() / 20)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage whose collection wants an index."""
    folder = tmp_path_factory.mktemp("filled") / "node"
    with Catalogue(folder) as catalogue:
        fill(catalogue.create("news", create_collection()), Points())
    return folder


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES.keys())
def test_a_kill_at_any_moment_of_a_build_loses_nothing(filled: Path, tmp_path: Path, crash: str) -> None:
    folder = tmp_path / "node"
    shutil.copytree(filled, folder)
    child = subprocess.run(
        [sys.executable, "-c", CRASHING.format(crash=crash), str(folder)], capture_output=True, text=True, check=False
    )
    assert child.returncode == -9, child.stderr
    acknowledged = int((child.stdout.split() or ["1000"])[-1])
    with Catalogue(folder) as catalogue:
        collection = catalogue.get("news")
        assert set(contents(collection)) == set(map(str, range(acknowledged)))
        assert [path.name for path in collection.folder.shards.iterdir()] == [collection.current.shard]


def test_a_failed_build_is_told_and_the_old_index_stays(
    catalogue: Catalogue, collection: Collection, points: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(collection, points)
    before = contents(collection)
    monkeypatch.setattr(index_process.sys, "executable", "/bin/false")
    work_until(catalogue, done=lambda: collection.health().error != "")
    assert "index process ended with 1" in str(collection.info().optimizer_status)
    assert contents(collection) == before
    assert collection.shard_path.name == "000001"
    assert collection.recorded is None


def test_a_copy_that_lacks_points_is_not_used(
    catalogue: Catalogue, collection: Collection, points: Points, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(collection, points)
    real = index_build.IndexProcess.outcome

    def one_less(process: index_process.IndexProcess) -> object:
        outcome = real(process)
        return type(outcome)(points=outcome.points - 1, optimised=True, size=outcome.size)

    monkeypatch.setattr(index_process.IndexProcess, "outcome", one_less)
    work_until(catalogue, done=lambda: collection.health().error != "")
    assert "has 999 points instead of 1000" in collection.health().error
    assert collection.shard_path.name == "000001"


def test_a_copy_that_an_operation_spoiled_is_not_used(
    catalogue: Catalogue, collection: Collection, points: Points
) -> None:
    fill(collection, points)
    work_until(catalogue, done=lambda: collection.copies > 0)
    with pytest.raises(BadRequest, match="dimension"):
        collection.apply(edge.UpdateOperation.upsert_points([edge.Point(id=1, vector={"dense": [1.0]})]))
    before = contents(collection)
    work_until(catalogue, done=lambda: collection.health().error != "")
    assert "failed while" in collection.health().error
    assert contents(collection) == before
    assert (collection.copies, collection.recorded) == (0, None)


def test_changed_parameters_come_into_effect_with_a_build(
    catalogue: Catalogue, collection: Collection, points: Points
) -> None:
    fill(collection, points)
    work_until(catalogue, done=lambda: is_green(collection))
    binary = models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True))
    collection.update_parameters(models.UpdateCollection(quantization_config=binary))
    assert not is_green(collection)
    work_until(catalogue, done=lambda: is_green(collection))
    assert list(collection.shard_path.glob("segments/*/vector_storage-dense/quantized*"))
    collection.update_parameters(models.UpdateCollection(quantization_config=models.Disabled.DISABLED))
    work_until(catalogue, done=lambda: is_green(collection))
    assert not list(collection.shard_path.glob("segments/*/vector_storage-dense/quantized*"))


def test_deleted_points_are_cleared_away(catalogue: Catalogue, collection: Collection, points: Points) -> None:
    fill(collection, points)
    work_until(catalogue, done=lambda: is_green(collection))
    collection.apply(edge.UpdateOperation.delete_points(list(range(0, 1000, 2))))
    assert not is_green(collection)
    shard = collection.shard_path
    work_until(catalogue, done=lambda: is_green(collection))
    assert collection.shard_path != shard
    assert set(contents(collection)) == set(map(str, range(1, 1000, 2)))


def test_points_that_are_written_again_are_indexed_again(
    catalogue: Catalogue, collection: Collection, points: Points
) -> None:
    fill(collection, points)
    work_until(catalogue, done=lambda: is_green(collection))
    points.next_id = 0
    fill(collection, points)
    collection.flush()
    assert not is_green(collection)
    work_until(catalogue, done=lambda: is_green(collection))
    assert len(contents(collection)) == 1000
    assert sum(appended_vectors(collection.shard_path).values()) == 0


def test_an_indexing_threshold_of_zero_means_never(catalogue: Catalogue, points: Points) -> None:
    parameters = create_collection()
    parameters.optimizers_config = models.OptimizersConfigDiff(indexing_threshold=0)
    collection = catalogue.create("never", parameters)
    fill(collection, points)
    assert is_green(collection)


def test_closing_stops_a_build(tmp_path: Path, filled: Path) -> None:
    folder = tmp_path / "node"
    shutil.copytree(filled, folder)
    with Catalogue(folder) as catalogue:
        collection = catalogue.get("news")
        work_until(catalogue, done=lambda: collection.recorded is not None)
    with Catalogue(folder) as catalogue:
        assert len(contents(catalogue.get("news"))) == 1000


def test_an_error_names_what_the_process_said(tmp_path: Path) -> None:
    job = index_process.Job(str(tmp_path / "nothing"), create_collection().model_dump_json(), 1)
    process = index_process.IndexProcess(job)
    with pytest.raises(Internal, match=r"(?s)index process ended with 1: .*nothing"):
        process.outcome()
    process.close()
