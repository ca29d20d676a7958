"""Snapshots hold what the collection held when they were taken, and bring all of it back."""

import asyncio
import hashlib
import shutil
from pathlib import Path

import pytest
from qdrant_client import models

from tests.core.node.engine_world import Points, contents
from trivec.node.catalogue import Catalogue
from trivec.node.collection import Collection
from trivec.node.errors import BadRequest, Conflict, Missing, Unsupported
from trivec.node.snapshots import local_file, restore_storage


def filled(collection: Collection, points: Points) -> dict[str, object]:
    for _ in range(20):
        points.change(collection)
    collection.create_index("group", models.PayloadSchemaType.INTEGER)
    return contents(collection)


def test_a_snapshot_is_described_listed_and_removed(collection: Collection, points: Points) -> None:
    filled(collection, points)
    taken = asyncio.run(collection.snapshots.create())
    assert collection.snapshots.list() == [taken]
    file = collection.snapshots.path(taken.name)
    assert taken.name.startswith("news-")
    assert taken.size == file.stat().st_size
    assert taken.checksum == hashlib.sha256(file.read_bytes()).hexdigest()
    collection.snapshots.delete(taken.name)
    assert collection.snapshots.list() == []
    with pytest.raises(Missing, match=taken.name):
        collection.snapshots.path(taken.name)
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["news", "another"])
def test_recovering_brings_everything_back(
    catalogue: Catalogue, collection: Collection, points: Points, name: str
) -> None:
    before, info = filled(collection, points), collection.info()
    taken = asyncio.run(collection.snapshots.create())
    filled(collection, points)
    file = collection.snapshots.path(taken.name)
    recovered = asyncio.run(catalogue.recover(name, file, checksum=taken.checksum))
    assert contents(recovered) == before
    assert recovered.info().payload_schema == info.payload_schema
    assert recovered.info().config == info.config
    recovered.apply(points.upsert(1))
    assert len(contents(catalogue.get(name))) == len(before) + 1


def test_a_recovered_collection_survives_a_restart_and_keeps_its_alias(
    tmp_path: Path, points: Points, parameters
) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        collection = catalogue.create("news", parameters)
        alias = models.CreateAlias(alias_name="latest", collection_name="news")
        catalogue.change_aliases([models.CreateAliasOperation(create_alias=alias)])
        before = filled(collection, points)
        taken = asyncio.run(collection.snapshots.create())
        filled(collection, points)
        asyncio.run(catalogue.recover("latest", collection.snapshots.path(taken.name)))
    with Catalogue(tmp_path / "node") as catalogue:
        assert contents(catalogue.get("latest")) == before
        assert catalogue.names() == ["news"]


def test_a_snapshot_taken_while_points_are_written_holds_exactly_some_moment(
    collection: Collection, catalogue: Catalogue, points: Points
) -> None:
    sizes = []

    async def write_meanwhile() -> models.SnapshotDescription:
        taking = asyncio.create_task(collection.snapshots.create())
        while not taking.done():
            collection.apply(points.upsert(8))
            sizes.append(points.next_id)
            await asyncio.sleep(0)
        return await taking

    taken = asyncio.run(write_meanwhile())
    recovered = asyncio.run(catalogue.recover("then", collection.snapshots.path(taken.name)))
    found = contents(recovered)
    assert len(found) in sizes
    now = contents(collection)
    assert found == {name: now[name] for name in map(str, range(len(found)))}


def test_a_wrong_checksum_changes_nothing(catalogue: Catalogue, collection: Collection, points: Points) -> None:
    before = filled(collection, points)
    taken = asyncio.run(collection.snapshots.create())
    with pytest.raises(BadRequest, match="checksum"):
        asyncio.run(catalogue.recover("news", collection.snapshots.path(taken.name), checksum="0" * 64))
    assert contents(collection) == before


@pytest.mark.parametrize("damage", ["empty", "text", "cut off", "another archive"])
def test_a_damaged_file_changes_nothing(
    catalogue: Catalogue, collection: Collection, points: Points, tmp_path: Path, damage: str
) -> None:
    before = filled(collection, points)
    file = tmp_path / "bad.snapshot"
    match damage:
        case "empty":
            file.touch()
        case "text":
            file.write_text("no archive at all" * 100)
        case "cut off":
            taken = asyncio.run(collection.snapshots.create())
            content = collection.snapshots.path(taken.name).read_bytes()
            file.write_bytes(content[: len(content) // 2])
        case "another archive":
            (tmp_path / "some").mkdir()
            (tmp_path / "some" / "file").write_text("text")
            shutil.move(shutil.make_archive(str(tmp_path / "other"), "tar", tmp_path / "some"), file)
    with pytest.raises(BadRequest, match=r"bad\.snapshot"):
        asyncio.run(catalogue.recover("news", file))
    assert contents(collection) == before
    assert catalogue.names() == ["news"]


@pytest.mark.parametrize("old_is_gone", [False, True])
def test_a_recovery_that_was_decided_is_completed_after_a_crash(
    tmp_path: Path, parameters, points: Points, old_is_gone: bool
) -> None:
    collections = tmp_path / "node" / "collections"
    with Catalogue(tmp_path / "node") as catalogue:
        catalogue.create("news", parameters)
        filled(catalogue.create("other", parameters), points)
        before = contents(catalogue.get("other"))
    (collections / "other").rename(collections / ".recovered.news")
    if old_is_gone:
        shutil.rmtree(collections / "news")
    with Catalogue(tmp_path / "node") as catalogue:
        assert catalogue.names() == ["news"]
        assert contents(catalogue.get("news")) == before


def test_the_whole_storage_is_restored_to_an_empty_folder(
    catalogue: Catalogue, collection: Collection, points: Points, tmp_path: Path
) -> None:
    before = filled(collection, points)
    alias = models.CreateAlias(alias_name="latest", collection_name="news")
    catalogue.change_aliases([models.CreateAliasOperation(create_alias=alias)])
    taken = asyncio.run(catalogue.snapshots.create())
    restored = tmp_path / "restored"
    restored.mkdir()
    restore_storage(catalogue.snapshots.path(taken.name), restored)
    with Catalogue(restored) as other:
        assert contents(other.get("latest")) == before
    with pytest.raises(Conflict, match="empty folder"):
        restore_storage(catalogue.snapshots.path(taken.name), restored)


def test_a_location_is_a_path_or_a_file_url(tmp_path: Path) -> None:
    file = tmp_path / "a b.snapshot"
    file.touch()
    assert local_file(str(file)) == local_file(file.as_uri()) == file
    with pytest.raises(Unsupported, match="another machine"):
        local_file("http://example.org/a.snapshot")
    with pytest.raises(BadRequest, match="does not exist"):
        local_file("file:///nowhere/b.snapshot")
