"""The registry keeps versions, remembers who is champion and why, and never takes a pickle."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trivec.errors import BadInput, Broken, Conflict, NotFound, Unavailable
from trivec.registry import Registry


def model(folder: Path, value: float) -> Path:
    """A small model folder with one of each kind of file."""
    folder.mkdir(parents=True)
    (folder / "weights.json").write_text(json.dumps({"value": value}))
    np.save(folder / "table.npy", np.full((3, 2), value, dtype=np.float32))
    return folder


def save(registry: Registry, folder: Path, value: float = 1.0, name: str = "word2vec") -> str:
    return registry.save(
        name,
        model(folder, value),
        parameters={"dimension": 128, "seed": 7},
        metrics={"ndcg@10": 0.5},
        data_hash="abc",
        tags={"corpus": "news"},
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database: creating one takes seconds, so tests copy it."""
    folder = tmp_path_factory.mktemp("registry")
    registry = Registry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artefacts")
    with pytest.raises(NotFound):
        registry.versions("nothing")
    return folder / "mlflow.db"


@pytest.fixture
def registry(database: Path, tmp_path: Path) -> Registry:
    (tmp_path / "mlflow.db").write_bytes(database.read_bytes())
    return Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "artefacts")


def test_a_registry_that_was_never_used_has_no_champion_and_creates_nothing(tmp_path: Path) -> None:
    registry = Registry(f"sqlite:///{tmp_path / 'home' / 'mlflow.db'}", tmp_path / "artefacts")
    assert registry.champion("word2vec") is None
    assert registry.names() == []
    assert list(tmp_path.iterdir()) == []


def test_a_saved_model_comes_back_with_all_that_made_it(registry: Registry, tmp_path: Path) -> None:
    reference = save(registry, tmp_path / "model", value=2.5)
    assert reference == "word2vec:1"
    assert json.loads((registry.path(reference) / "weights.json").read_text()) == {"value": 2.5}
    assert np.load(registry.path(reference) / "table.npy").tolist() == [[2.5, 2.5]] * 3
    (version,) = registry.versions("word2vec")
    assert version.parameters == {"dimension": "128", "seed": "7"}
    assert version.metrics == {"ndcg@10": 0.5}
    assert (version.data_hash, version.tags, version.champion) == ("abc", {"corpus": "news"}, False)
    assert version.code_version.startswith("0.")


def test_the_saved_copy_does_not_change_with_the_folder_it_came_from(registry: Registry, tmp_path: Path) -> None:
    reference = save(registry, tmp_path / "model", value=1.0)
    (tmp_path / "model" / "weights.json").write_text("{}")
    assert json.loads((registry.path(reference) / "weights.json").read_text()) == {"value": 1.0}


def test_versions_count_up_and_list_newest_first(registry: Registry, tmp_path: Path) -> None:
    assert [save(registry, tmp_path / str(n)) for n in range(3)] == ["word2vec:1", "word2vec:2", "word2vec:3"]
    assert [version.version for version in registry.versions("word2vec")] == [3, 2, 1]
    assert registry.names() == ["word2vec"]


def test_saving_promotes_nobody(registry: Registry, tmp_path: Path) -> None:
    save(registry, tmp_path / "model")
    assert registry.champion("word2vec") is None


def test_rollbacks_go_back_through_the_champions_and_stay_on_record(registry: Registry, tmp_path: Path) -> None:
    for number in range(3):
        registry.promote(save(registry, tmp_path / str(number)), reason=f"better {number}")
    assert registry.champion("word2vec") == "word2vec:3"
    assert registry.rollback("word2vec") == "word2vec:2"
    assert registry.rollback("word2vec") == "word2vec:1"
    assert registry.champion("word2vec") == "word2vec:1"
    with pytest.raises(Conflict, match="no earlier champion"):
        registry.rollback("word2vec")
    actions = [(event.action, event.version) for event in registry.promotions("word2vec")]
    assert actions == [("promote", 1), ("promote", 2), ("promote", 3), ("rollback", 2), ("rollback", 1)]
    assert registry.promotions("word2vec")[1].reason == "better 1"
    assert registry.previous("word2vec") is None
    assert [v.champion for v in registry.versions("word2vec")] == [False, False, True]


def test_the_first_champion_can_be_withdrawn_and_another_promoted_afterwards(
    registry: Registry, tmp_path: Path
) -> None:
    for number in range(2):
        registry.promote(save(registry, tmp_path / str(number)), reason="better")
    registry.rollback("word2vec")
    registry.withdraw("word2vec")
    assert registry.champion("word2vec") is None
    for impossible in (registry.withdraw, registry.previous, registry.rollback):
        with pytest.raises(Conflict, match="no champion"):
            impossible("word2vec")
    registry.promote("word2vec:2", reason="after all")
    assert (registry.champion("word2vec"), registry.previous("word2vec")) == ("word2vec:2", None)
    assert [event.action for event in registry.promotions("word2vec")][-2:] == ["withdraw", "promote"]


def test_no_decision_goes_without_a_reason(registry: Registry, tmp_path: Path) -> None:
    reference = save(registry, tmp_path / "model")
    for decide in (registry.promote, registry.refuse):
        with pytest.raises(BadInput, match="needs a reason"):
            decide(reference, reason=" ")


def test_a_refusal_is_on_record_and_changes_neither_champion_nor_the_way_back(
    registry: Registry, tmp_path: Path
) -> None:
    for number in range(2):
        registry.promote(save(registry, tmp_path / str(number)), reason="better")
    registry.refuse(save(registry, tmp_path / "worse"), reason="ndcg@10 is .02 lower")
    assert registry.champion("word2vec") == "word2vec:2"
    event = registry.promotions("word2vec")[-1]
    assert (event.action, event.version, event.reason) == ("refuse", 3, "ndcg@10 is .02 lower")
    assert registry.previous("word2vec") == "word2vec:1"
    assert registry.rollback("word2vec") == "word2vec:1"


def test_curves_come_back_in_order_beside_the_metrics(registry: Registry, tmp_path: Path) -> None:
    lines = {"loss": [3.0, 2.0, 1.5], "held_out_ndcg@10": [0.4, 0.5, 0.45]}
    folder = model(tmp_path / "model", 1.0)
    metrics = {"ndcg@10": 0.5}
    reference = registry.save("fusion", folder, parameters={}, metrics=metrics, data_hash="", curves=lines)
    assert registry.curves(reference) == {name: tuple(line) for name, line in lines.items()}
    assert registry.versions("fusion")[0].metrics == metrics
    assert registry.curves(save(registry, tmp_path / "other")) == {}


def test_a_pickle_is_refused_under_any_name(registry: Registry, tmp_path: Path) -> None:
    named = model(tmp_path / "named", 1.0)
    (named / "model.pkl").write_bytes(pickle.dumps({}))
    hidden = model(tmp_path / "hidden", 1.0)
    np.save(hidden / "table.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for folder, name in ((named, "model.pkl"), (hidden, "table.npy")):
        with pytest.raises(BadInput, match=name):
            registry.save("word2vec", folder, parameters={}, metrics={}, data_hash="")
    with pytest.raises(BadInput, match="no files"):
        registry.save("word2vec", tmp_path / "none", parameters={}, metrics={}, data_hash="")


@pytest.mark.parametrize("reference", ["word2vec", "word2vec:", ":3", "word2vec:last", "../up:1"])
def test_what_is_not_a_reference_is_named(registry: Registry, reference: str) -> None:
    with pytest.raises(BadInput, match="not a model reference"):
        registry.path(reference)


def test_unknown_models_and_versions_are_not_found(registry: Registry, tmp_path: Path) -> None:
    save(registry, tmp_path / "model")
    assert registry.champion("unknown") is None
    for asked in (
        lambda: registry.path("word2vec:9"),
        lambda: registry.promote("word2vec:9", reason="x"),
        lambda: registry.versions("unknown"),
        lambda: registry.rollback("unknown"),
    ):
        with pytest.raises(NotFound, match="trivec models list"):
            asked()


def test_a_name_that_mlflow_cannot_keep_is_bad_input(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="MLflow"):
        save(registry, tmp_path / "model", name="a/b")


def test_lost_files_are_said_to_be_lost(registry: Registry, tmp_path: Path) -> None:
    reference = save(registry, tmp_path / "model")
    for held in (tmp_path / "artefacts" / "runs").rglob("*.*"):
        held.unlink()
    (tmp_path / "artefacts" / "models" / "word2vec" / "1").unlink()
    with pytest.raises(Broken, match="train it again"):
        registry.path(reference)


def test_the_whole_home_can_be_moved(registry: Registry, tmp_path: Path) -> None:
    reference = save(registry, tmp_path / "model", value=4.0)
    (tmp_path / "artefacts").rename(tmp_path / "moved")
    moved = Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "moved")
    assert json.loads((moved.path(reference) / "weights.json").read_text()) == {"value": 4.0}


def test_a_server_that_does_not_answer_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        Registry("http://127.0.0.1:9", tmp_path).champion("word2vec")


CONCURRENT = """
import sys
from pathlib import Path
from trivec.registry import Registry
home = Path(sys.argv[1])
print(Registry(f"sqlite:///{home / 'mlflow.db'}", home / "artefacts").save(
    "word2vec", home / "model", parameters={}, metrics={}, data_hash=""))
"""


def test_processes_that_start_together_share_one_new_database(tmp_path: Path) -> None:
    model(tmp_path / "model", 1.0)
    command = [sys.executable, "-c", CONCURRENT, str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], answers
    assert sorted(out.strip() for out, _ in answers) == ["word2vec:1", "word2vec:2", "word2vec:3"]
