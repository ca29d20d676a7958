"""A small training that several tests share; run as a program, it trains slowly enough to be killed.

python -m tests.core.learning.training.small_training CHECKPOINT
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trivec.learning.base import Progress, silent
from trivec.learning.training.history import History, Stopping
from trivec.learning.training.loop import Options, fit
from trivec.learning.training.optimisers import Group, Name

EPOCHS = 5
RATES: dict[Name, float] = {"adamw": 0.01, "rmsprop": 0.005, "lars": 0.5}


class Network(torch.nn.Module):
    """A word table, a dense layer with batch normalisation and dropout, and an output: one of each kind of state."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.table = torch.nn.EmbeddingBag(50, 8, mode="sum")
            self.dense = torch.nn.Linear(8, 16)
            self.norm = torch.nn.BatchNorm1d(16)
            self.dropout = torch.nn.Dropout(0.2)
            self.output = torch.nn.Linear(16, 1)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        hidden = self.dropout(torch.relu(self.norm(self.dense(self.table(words)))))
        output: torch.Tensor = self.output(hidden)[:, 0]
        return output


class Data:
    """Texts of ten words, and how much of them is from the first half of the vocabulary."""

    def __init__(self) -> None:
        random = np.random.default_rng(3)
        self.words = torch.from_numpy(random.integers(0, 50, (320, 10)))
        self.targets = (self.words < 25).float().mean(dim=1)
        self.train, self.held = np.arange(256), np.arange(256, 320)

    def batches(self, random: np.random.Generator) -> list[NDArray[np.int64]]:
        """The training rows in a new order."""
        return np.split(random.permutation(self.train), 8)

    def error(self, network: torch.nn.Module, rows: NDArray[np.int64]) -> torch.Tensor:
        """Mean squared error."""
        error: torch.Tensor = ((network(self.words[rows]) - self.targets[rows]) ** 2).mean()
        return error


def train(
    network: Network, *, optimiser: Name = "adamw", checkpoint: Path | None = None, progress: Progress = silent
) -> History:
    """Train the network on the data."""
    data = Data()
    return fit(
        network,
        groups=[
            Group("table", list(network.table.parameters()), 2 * RATES[optimiser]),
            Group("rest", [p for name, p in network.named_parameters() if "table" not in name], RATES[optimiser]),
        ],
        batches=data.batches,
        loss=lambda rows: data.error(network, rows),
        score=lambda: -float(data.error(network, data.held)),
        options=Options(optimiser=optimiser, stopping=Stopping(epochs=EPOCHS)),
        checkpoint=checkpoint,
        fingerprint="small",
        progress=progress,
    )


def _slowly(doing: str, share: float) -> None:
    print(f"{share:.3f}", flush=True)  # noqa: T201
    time.sleep(0.02)


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(Network(), checkpoint=Path(sys.argv[1]), progress=_slowly)
