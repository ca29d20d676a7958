"""The training loop of every network: batches and a loss in, the network at its best held-out epoch out.

Each epoch draws its randomness from the seed and its own number, so a training that was killed and resumed ends with
exactly the weights of one that was not.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch.optim.optimizer import Optimizer

from trivec.errors import BadInput
from trivec.learning.base import Progress, silent
from trivec.learning.training import checkpoints, optimisers
from trivec.learning.training.checkpoints import Checkpoint, Tensors
from trivec.learning.training.history import History, Stopping
from trivec.learning.training.optimisers import Group
from trivec.learning.training.schedule import Schedule

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Options:
    """How to train.

    Attributes:
        optimiser: `adamw`, `rmsprop` or `lars`.
        stopping: epochs, patience and guard.
        schedule: warm-up and decay of the rates.
        clip: longest gradient, over all parameters together; longer ones are scaled down to it. 0 for any length.
        momentum: of LARS; the first beta of AdamW.
        trust: LARS's coefficient.
        seed: of everything drawn by chance.
    """

    optimiser: optimisers.Name = "adamw"
    stopping: Stopping = field(default_factory=Stopping)
    schedule: Schedule = field(default_factory=Schedule)
    clip: float = 1.0
    momentum: float = 0.9
    trust: float = 0.02
    seed: int = 1


def fit(
    model: torch.nn.Module,
    *,
    groups: Sequence[Group],
    batches: Callable[[np.random.Generator], Sequence[Batch]],
    loss: Callable[[Batch], torch.Tensor],
    score: Callable[[], float],
    options: Options | None = None,
    checkpoint: Path | None = None,
    fingerprint: str = "",
    progress: Progress = silent,
) -> History:
    """Train in place; afterwards the model is in evaluation mode and has the weights of its best epoch.

    Epoch 0, the model as it was given, is a candidate too: a training that does not help changes nothing. Parameters
    in no group, or in one of rate 0, stay exactly as they are (buffers, such as running means, are not parameters:
    keep a module whose buffers are to stay in evaluation mode yourself).

    Args:
        model: to be trained; evaluation mode while scored, training mode while it learns.
        groups: its parameters, each group with its own rate.
        batches: draws the batches of one epoch, light ones (row numbers) for large data. All randomness is to come
            from the generator given, or from torch.
        loss: of a batch, a scalar.
        score: of the model on held-out data, higher is better.
        options: how to train.
        checkpoint: file to save to after every epoch and to resume from; it stays when the training is done.
        fingerprint: of the data and of everything else that decides the outcome besides model, groups and options;
            a checkpoint with another one is ignored and overwritten.
        progress: told after every batch.

    Returns:
        The curves; `best_epoch` of them is what the model has become.

    Raises:
        BadInput: the loss, its gradient or the score is no finite number, there is no batch, or the groups do not fit.
        Cancelled: by `progress`; the checkpoint of the last whole epoch remains.
    """
    training = _Training(model, groups, batches, loss, score, options or Options(), progress)
    return training.run(checkpoint, fingerprint=fingerprint)


@dataclass(frozen=True)
class _Training(Generic[Batch]):
    """What one call of `fit` was given."""

    model: torch.nn.Module
    groups: Sequence[Group]
    batches: Callable[[np.random.Generator], Sequence[Batch]]
    loss: Callable[[Batch], torch.Tensor]
    score: Callable[[], float]
    options: Options
    progress: Progress

    def run(self, file: Path | None, *, fingerprint: str) -> History:
        options, model = self.options, self.model
        whole = _fingerprint(model, self.groups, options, fingerprint)
        optimiser = optimisers.make(options.optimiser, self.groups, momentum=options.momentum, trust=options.trust)
        with optimisers.frozen(model, self.groups), torch.random.fork_rng(devices=[]):
            found = checkpoints.load(file, fingerprint=whole) if file else None
            state = _resume(found, model, optimiser) if found else self._begin()
            while not state.history.over(options.stopping):
                state = self._after_epoch(state, optimiser)
                if file:
                    state.save(file, fingerprint=whole)
            model.load_state_dict(state.best)
        model.eval()
        return state.history

    def _begin(self) -> Checkpoint:
        untrained = _copy(self.model)
        return Checkpoint(History(scores=(self._scored(epoch=0),)), untrained, untrained, {})

    def _after_epoch(self, state: Checkpoint, optimiser: Optimizer) -> Checkpoint:
        epoch = len(state.history.losses) + 1
        mean = self._epoch(epoch, optimiser)
        history = History((*state.history.losses, mean), (*state.history.scores, self._scored(epoch=epoch)))
        weights = _copy(self.model)
        best = weights if history.best_epoch == epoch else state.best
        return Checkpoint(history, weights, best, checkpoints.optimiser_tensors(optimiser))

    def _epoch(self, epoch: int, optimiser: Optimizer) -> float:
        """Learn from every batch of an epoch; returns the mean loss."""
        random, epochs = np.random.default_rng([self.options.seed, epoch]), self.options.stopping.epochs
        torch.manual_seed(int(random.integers(2**62)))
        if not len(batches := self.batches(random)):
            raise BadInput("there is not one batch to train on: give more data or smaller batches")
        total = 0.0
        self.model.train()
        for number, batch in enumerate(batches, start=1):
            self.options.schedule.apply(optimiser, (epoch - 1 + (number - 0.5) / len(batches)) / epochs)
            total += _step(self.model, optimiser, self.loss(batch), self.options.clip, f"epoch {epoch}, batch {number}")
            share = (epoch - 1 + number / len(batches)) / epochs
            self.progress(f"epoch {epoch} of {epochs}: loss {total / number:.4f}", share)
        return total / len(batches)

    def _scored(self, *, epoch: int) -> float:
        self.model.eval()
        with torch.no_grad():
            value = float(self.score())
        if not math.isfinite(value):
            raise BadInput(f"the held-out score is {value} after epoch {epoch}: check the held-out data")
        return value


def _resume(found: Checkpoint, model: torch.nn.Module, optimiser: Optimizer) -> Checkpoint:
    model.load_state_dict(found.weights)
    checkpoints.restore_optimiser(optimiser, found.optimiser)
    return found


def _step(model: torch.nn.Module, optimiser: Optimizer, loss: torch.Tensor, clip: float, where: str) -> float:
    """One update; returns the loss."""
    model.zero_grad(set_to_none=True)
    if not math.isfinite(value := float(loss.detach())):
        raise BadInput(f"the loss is {value} in {where}: check the data for such numbers, or lower the learning rates")
    loss.backward()  # type: ignore[no-untyped-call]
    learning = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    length = float(torch.nn.utils.clip_grad_norm_(learning, clip or math.inf))
    if not math.isfinite(length):
        raise BadInput(f"the gradient's length is {length} in {where}: lower the learning rates")
    optimiser.step()
    return value


def _copy(model: torch.nn.Module) -> Tensors:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _fingerprint(model: torch.nn.Module, groups: Sequence[Group], options: Options, given: str) -> str:
    """The caller's fingerprint together with all that this room knows: shapes, rates and options."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    if strangers := [group.name for group in groups if any(id(p) not in names for p in group.parameters)]:
        raise BadInput(f"group {strangers[0]!r} holds a parameter that the network does not have")
    held = [[g.rate, g.weight_decay, [names[id(p)] for p in g.parameters]] for g in groups]
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    return json.dumps([given, asdict(options), held, shapes], sort_keys=True)
