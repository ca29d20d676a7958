"""Checkpoints: all that a killed training needs to go on, in one file that is there whole or not at all.

The file is safetensors; its header holds the history and the fingerprint as JSON. Random states are not in it: every
epoch is seeded anew from the training's seed and its own number (see `loop`).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.optim.optimizer import Optimizer

from trivec.learning.training.history import History

Tensors = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """A training after some epoch.

    Attributes:
        history: the epochs so far.
        weights: the network's state after the last of them.
        best: its state after the best of them.
        optimiser: its moments and counters, see `optimiser_tensors`.
    """

    history: History
    weights: Tensors
    best: Tensors
    optimiser: Tensors

    def save(self, file: Path, *, fingerprint: str) -> None:
        """Replace the file in one step; a crash leaves the one before."""
        from safetensors.torch import save_file

        best = {} if self.history.best_epoch == len(self.history.losses) else self.best  # else the same as the weights
        parts = {"weights": self.weights, "best": best, "optimiser": self.optimiser}
        tensors = {f"{part}/{name}": t.contiguous() for part, held in parts.items() for name, t in held.items()}
        facts = {"fingerprint": fingerprint, "losses": self.history.losses, "scores": self.history.scores}
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.new")
        save_file(tensors, unfinished, metadata={"training": json.dumps(facts)})
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)


def load(file: Path, *, fingerprint: str) -> Checkpoint | None:
    """The checkpoint of this very training; None where there is none, or that of other data or options."""
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        return None
    try:
        with safe_open(file, framework="pt") as opened:
            facts = json.loads((opened.metadata() or {}).get("training", "{}"))
            if facts.get("fingerprint") != fingerprint:
                return None
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, ValueError):  # not ours
        return None
    weights, best = _part(tensors, "weights"), _part(tensors, "best")
    history = History(tuple(facts["losses"]), tuple(facts["scores"]))
    return Checkpoint(history, weights, best or weights, _part(tensors, "optimiser"))


def optimiser_tensors(optimiser: Optimizer) -> Tensors:
    """The state of every parameter, as `number/name`."""
    state = optimiser.state_dict()["state"]
    return {f"{number}/{name}": value for number, held in state.items() for name, value in held.items()}


def restore_optimiser(optimiser: Optimizer, tensors: Tensors) -> None:
    """Put back what `optimiser_tensors` took; rates and other settings stay those of the optimiser."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for path, value in tensors.items():
        number, _, name = path.partition("/")
        state.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _part(tensors: Tensors, part: str) -> Tensors:
    return {name.removeprefix(f"{part}/"): value for name, value in tensors.items() if name.startswith(f"{part}/")}
