"""Checkpoints: a training that was killed or cancelled ends as one that was not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from tests.core.learning.training.small_training import EPOCHS, Network, train
from trivec.errors import Cancelled
from trivec.learning.base import Progress
from trivec.learning.training import checkpoints
from trivec.learning.training.checkpoints import Checkpoint
from trivec.learning.training.history import History
from trivec.learning.training.optimisers import Name


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in the killed process: sums of several threads may differ in their last bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _equal(one: Network, other: Network) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in one.state_dict().items())


def _cancel_after(share: float) -> Progress:
    def stop(doing: str, done: float) -> None:
        if done > share:
            raise Cancelled("enough")

    return stop


def _broken_off(file: Path, *, optimiser: Name = "adamw") -> None:
    with pytest.raises(Cancelled):
        train(Network(), optimiser=optimiser, checkpoint=file, progress=_cancel_after(0.5))


def test_a_training_killed_in_an_epoch_resumes_to_exactly_the_same_weights(tmp_path: Path) -> None:
    file = tmp_path / "training.safetensors"
    command = [sys.executable, "-m", "tests.core.learning.training.small_training", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if float(line) > 2.5 / EPOCHS:  # in the middle of the third epoch
                os.kill(process.pid, signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    with safe_open(file, framework="pt") as opened:
        assert '"losses": [' in opened.metadata()["training"]

    resumed, whole = Network(seed=9), Network()
    seen: list[float] = []
    history = train(resumed, checkpoint=file, progress=lambda doing, share: seen.append(share))
    assert 2 / EPOCHS < seen[0] < 3 / EPOCHS, "it goes on where it was, not from the start"
    assert history == train(whole)
    assert _equal(resumed, whole)


@pytest.mark.parametrize("optimiser", ["adamw", "rmsprop", "lars"])
def test_every_optimiser_goes_on_as_if_it_had_not_stopped(optimiser: Name, tmp_path: Path) -> None:
    file = tmp_path / "training.safetensors"
    _broken_off(file, optimiser=optimiser)
    resumed, whole = Network(), Network()
    assert train(resumed, optimiser=optimiser, checkpoint=file) == train(whole, optimiser=optimiser)
    assert _equal(resumed, whole)


def test_a_training_that_is_done_gives_its_result_again_without_training(tmp_path: Path) -> None:
    file = tmp_path / "training.safetensors"
    first, second = Network(), Network(seed=2)
    history = train(first, checkpoint=file)
    seen: list[float] = []
    assert train(second, checkpoint=file, progress=lambda doing, share: seen.append(share)) == history
    assert not seen
    assert _equal(first, second)


def test_the_checkpoint_of_another_training_is_ignored_and_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "training.safetensors"
    _broken_off(file, optimiser="lars")
    seen: list[float] = []
    network, whole = Network(), Network()
    train(network, optimiser="adamw", checkpoint=file, progress=lambda doing, share: seen.append(share))
    train(whole, optimiser="adamw")
    assert seen[0] < 1 / EPOCHS
    assert _equal(network, whole)
    with safe_open(file, framework="pt") as opened:
        assert "adamw" in opened.metadata()["training"]


def test_a_fingerprint_tells_data_apart(tmp_path: Path) -> None:
    tensors = {"weight": torch.ones(2)}
    Checkpoint(History((0.5,), (0.1, 0.2)), tensors, tensors, {}).save(tmp_path / "file", fingerprint="these texts")
    assert checkpoints.load(tmp_path / "file", fingerprint="other texts") is None
    assert checkpoints.load(tmp_path / "file", fingerprint="these texts") is not None
    assert checkpoints.load(tmp_path / "none", fingerprint="these texts") is None


def test_a_file_that_is_no_checkpoint_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"rubbish")
    assert checkpoints.load(tmp_path / "file", fingerprint="") is None


def test_the_best_weights_are_kept_beside_later_ones(tmp_path: Path) -> None:
    later, best = {"weight": torch.zeros(2)}, {"weight": torch.ones(2)}
    Checkpoint(History((0.5,), (0.2, 0.1)), later, best, {}).save(tmp_path / "file", fingerprint="")
    found = checkpoints.load(tmp_path / "file", fingerprint="")
    assert found is not None
    assert found.weights["weight"].tolist() == [0, 0]
    assert found.best["weight"].tolist() == [1, 1]


def test_nothing_but_the_checkpoint_is_left_in_its_folder(tmp_path: Path) -> None:
    train(Network(), checkpoint=tmp_path / "folder" / "training.safetensors")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["training.safetensors"]
