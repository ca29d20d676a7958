"""Collections and aliases: found by both names, changed as a whole, whole after any crash."""

import subprocess
import sys
from pathlib import Path

import pytest
from qdrant_client import models

from trivec.node import aliases as aliases_module
from trivec.node.catalogue import Catalogue
from trivec.node.errors import BadRequest, Conflict, Missing, Unprocessable


def create(alias: str, collection: str) -> models.CreateAliasOperation:
    return models.CreateAliasOperation(create_alias=models.CreateAlias(alias_name=alias, collection_name=collection))


def delete(alias: str) -> models.DeleteAliasOperation:
    return models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))


def rename(old: str, new: str) -> models.RenameAliasOperation:
    return models.RenameAliasOperation(rename_alias=models.RenameAlias(old_alias_name=old, new_alias_name=new))


def test_a_collection_is_there_until_it_is_deleted(catalogue: Catalogue, parameters) -> None:
    catalogue.create("news.g1", parameters)
    assert catalogue.exists("news.g1")
    assert catalogue.names() == ["news.g1"]
    assert catalogue.delete("news.g1")
    assert not catalogue.delete("news.g1")
    assert catalogue.names() == []
    with pytest.raises(Missing, match=r"news\.g1"):
        catalogue.get("news.g1")


def test_a_name_is_given_once(catalogue: Catalogue, parameters) -> None:
    catalogue.create("news", parameters)
    with pytest.raises(Conflict, match="already exists"):
        catalogue.create("news", parameters)


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "a:b", "a\0b", 'a"b', "a*b", "x" * 256])
def test_an_unsafe_name_is_refused(catalogue: Catalogue, parameters, name: str) -> None:
    with pytest.raises(Unprocessable, match="name"):
        catalogue.create(name, parameters)
    assert catalogue.names() == []


@pytest.mark.parametrize("name", ["Überschriften 2026", "a.b-c_d", "x" * 255, "新闻"])
def test_any_other_name_works_and_survives_a_restart(tmp_path: Path, parameters, name: str) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        catalogue.create(name, parameters)
    with Catalogue(tmp_path / "node") as catalogue:
        assert catalogue.names() == [name]


def test_an_alias_moves_in_one_step_and_survives_a_restart(tmp_path: Path, parameters) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        catalogue.create("news.g1", parameters)
        catalogue.create("news.g2", parameters)
        catalogue.change_aliases([create("news", "news.g1")])
        assert catalogue.get("news").name == "news.g1"
        catalogue.change_aliases([delete("news"), create("news", "news.g2")])
    with Catalogue(tmp_path / "node") as catalogue:
        assert catalogue.get("news").name == "news.g2"
        assert [alias.alias_name for alias in catalogue.aliases("news.g2")] == ["news"]
        assert catalogue.aliases("news.g1") == []


@pytest.mark.parametrize(
    "bad", [create("other", "nowhere"), delete("nothing"), rename("nothing", "something"), create("a/b", "news.g1")]
)
def test_one_bad_action_leaves_all_aliases_as_they_were(catalogue: Catalogue, parameters, bad) -> None:
    catalogue.create("news.g1", parameters)
    catalogue.change_aliases([create("news", "news.g1")])
    before = catalogue.aliases()
    with pytest.raises((Missing, Unprocessable)):
        catalogue.change_aliases([rename("news", "renamed"), bad])
    assert catalogue.aliases() == before


def test_an_alias_cannot_hide_a_collection_nor_a_collection_an_alias(catalogue: Catalogue, parameters) -> None:
    catalogue.create("news", parameters)
    with pytest.raises(BadRequest, match="already exists"):
        catalogue.change_aliases([create("news", "news")])
    catalogue.change_aliases([create("latest", "news")])
    with pytest.raises(BadRequest, match="latest"):
        catalogue.create("latest", parameters)


def test_a_collection_takes_its_aliases_with_it(catalogue: Catalogue, parameters) -> None:
    catalogue.create("news", parameters)
    catalogue.change_aliases([create("latest", "news")])
    catalogue.delete("news")
    assert catalogue.aliases() == []
    assert not catalogue.exists("latest")


def test_a_crash_while_aliases_are_written_keeps_the_old_ones(catalogue: Catalogue, parameters, monkeypatch) -> None:
    catalogue.create("news", parameters)
    catalogue.change_aliases([create("latest", "news")])

    def fail(path: Path, content: bytes) -> None:
        path.with_name(f".{path.name}.tmp").write_bytes(content[: len(content) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(aliases_module, "write_atomic", fail)
    with pytest.raises(OSError, match="no space"):
        catalogue.change_aliases([delete("latest")])
    assert catalogue.get("latest").name == "news"
    assert aliases_module.Aliases(catalogue.folder / "aliases.json").get("latest") == "news"


def test_half_made_and_half_removed_collections_are_gone_after_a_restart(tmp_path: Path, parameters) -> None:
    with Catalogue(tmp_path / "node") as catalogue:
        catalogue.create("kept", parameters)
        catalogue.create("dying", parameters)
        catalogue.change_aliases([create("dangling", "dying")])
    (tmp_path / "node" / "temporary" / "half-made").mkdir()
    (tmp_path / "node" / "collections" / "dying").rename(tmp_path / "node" / "temporary" / "half-removed")
    (tmp_path / "node" / "collections" / "kept" / "shards" / "000002").mkdir()
    with Catalogue(tmp_path / "node") as catalogue:
        assert catalogue.names() == ["kept"]
        assert catalogue.aliases() == []
        assert list((tmp_path / "node" / "temporary").iterdir()) == []
        assert [path.name for path in (tmp_path / "node" / "collections" / "kept" / "shards").iterdir()] == ["000001"]


def test_a_second_process_on_the_same_folder_is_told_so(catalogue: Catalogue) -> None:
    program = "import pathlib, sys, trivec.node.catalogue as node; node.Catalogue(pathlib.Path(sys.argv[1]))"
    second = subprocess.run(
        [sys.executable, "-c", program, str(catalogue.folder)], capture_output=True, text=True, check=False
    )
    assert second.returncode != 0
    assert "served by another process" in second.stderr
