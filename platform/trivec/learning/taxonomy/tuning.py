"""Fine-tunes the upper half of a sentence encoder for a taxonomy; needs torch. The outcome serves by ONNX Runtime."""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from trivec.encoders.exported import open_model
from trivec.encoders.model_files import find_model
from trivec.errors import MissingExtra
from trivec.learning.base import Progress
from trivec.learning.taxonomy.examples import Split
from trivec.learning.taxonomy.model import Tuned
from trivec.learning.taxonomy.network import LevelHeads, PathLoss
from trivec.learning.taxonomy.options import TaxonomyOptions
from trivec.learning.taxonomy.tree import Taxonomy
from trivec.learning.training.history import Stopping
from trivec.learning.training.loop import Options, fit
from trivec.learning.training.optimisers import Group
from trivec.learning.training.schedule import Schedule

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Rows = NDArray[np.int64]

FEWEST_STEPS = 250  # a small collection is read more often
MOST_EPOCHS = 20
HEAD_RATE = 1e-2
GAIN = 20.0  # of unit vectors, so that heads of ordinary size can be sure of themselves
_SORTED_BATCHES = 16  # texts of this many batches are sorted by length, so that little padding is computed


@dataclass(frozen=True)
class Task:
    """What is learned: all examples' texts and path ends, and which of them judge.

    Attributes:
        texts: of all examples.
        ends: row of each example's path, shape (examples,).
        split: who learns and who judges.
        taxonomy: the paths.
    """

    texts: Sequence[str]
    ends: Rows
    split: Split
    taxonomy: Taxonomy


class TunedNetwork(torch.nn.Module):
    """A sentence encoder with a head per level on top of it."""

    def __init__(self, encoder: "SentenceTransformer", taxonomy: Taxonomy) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = LevelHeads(int(encoder.get_embedding_dimension() or 0), taxonomy, gain=GAIN)

    def forward(self, ids: Sequence[Sequence[int]]) -> torch.Tensor:
        """Node scores of token id rows."""
        padding = int(self.encoder.tokenizer.pad_token_id or 0)
        longest = max(map(len, ids))
        tokens = torch.tensor([[*row, *[padding] * (longest - len(row))] for row in ids])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
        with half_precision():
            vectors = self.encoder({"input_ids": tokens, "attention_mask": mask})["sentence_embedding"]
        scores: torch.Tensor = self.heads(vectors.float())
        return scores

    def upper_layers(self) -> list[torch.nn.Parameter]:
        """Parameters of the upper half of the layers."""
        stacks = [module for module in self.encoder.modules() if isinstance(module, torch.nn.ModuleList)]
        layers = max(stacks, key=len)
        return [parameter for layer in list(layers)[len(layers) // 2 :] for parameter in layer.parameters()]


def tune(task: Task, options: TaxonomyOptions, *, folder: Path, fingerprint: str, progress: Progress) -> Tuned:
    """Fine-tune an encoder and export it.

    Args:
        task: what to learn.
        options: how.
        folder: for the checkpoint and the tuned model; a killed training resumes from it.
        fingerprint: of data and options.
        progress: told after every batch.
    """
    torch.manual_seed(options.seed)
    network = TunedNetwork(_encoder(options.tune), task.taxonomy)
    ids = _token_ids(network.encoder, task.texts, options.tuning_length)
    _learn(network, ids, task, options, file=folder / "tuning.safetensors", fingerprint=fingerprint, progress=progress)
    network.encoder.save(str(folder / "encoder"), create_model_card=False)
    return Tuned(open_model(str(folder / "encoder"), cache=folder), network.heads.arrays())


def _learn(
    network: TunedNetwork,
    ids: Sequence[Sequence[int]],
    task: Task,
    options: TaxonomyOptions,
    *,
    file: Path,
    fingerprint: str,
    progress: Progress,
) -> None:
    loss, ends, size = PathLoss(task.taxonomy, upper=options.upper), torch.from_numpy(task.ends), options.batch
    judged = sorted(task.split.validation.tolist(), key=lambda row: len(ids[row]))

    def scores(rows: Sequence[int] | Rows) -> torch.Tensor:
        found: torch.Tensor = network([ids[row] for row in rows])
        return found

    def score() -> float:
        found = torch.cat([scores(judged[at : at + 2 * size]) for at in range(0, len(judged), 2 * size)])
        return -loss.end_only(found, ends[judged])

    fit(
        network,
        groups=(
            Group("upper layers", network.upper_layers(), options.tuning_rate, 0.01),
            Group("heads", list(network.heads.parameters()), HEAD_RATE),
        ),
        batches=lambda random: batches(task.split.train, [len(row) for row in ids], size=size, random=random),
        loss=lambda rows: loss(scores(rows), ends[rows]),
        score=score,
        options=Options(stopping=Stopping(epochs=epochs(task, ids, options)), schedule=Schedule(), seed=options.seed),
        checkpoint=file,
        fingerprint=fingerprint,
        progress=progress,
    )


def epochs(task: Task, ids: Sequence[Sequence[int]], options: TaxonomyOptions) -> int:
    """Passes over the examples: more where they are few, fewer where they are many and long."""
    steps = math.ceil(len(task.split.train) / options.batch)
    tokens = sum(len(ids[row]) for row in task.split.train)
    wanted = max(options.tuning_epochs, min(MOST_EPOCHS, math.ceil(FEWEST_STEPS / steps)))
    return max(1, min(wanted, round(options.tuning_tokens / tokens)))


def batches(rows: Rows, lengths: Sequence[int], *, size: int, random: np.random.Generator) -> list[Rows]:
    """Batches of texts of like length, in random order."""
    shuffled = random.permutation(rows)
    span = size * _SORTED_BATCHES
    sorted_ = [sorted(shuffled[at : at + span], key=lambda row: lengths[row]) for at in range(0, len(rows), span)]
    found = [np.array(some[at : at + size], np.int64) for some in sorted_ for at in range(0, len(some), size)]
    return [found[place] for place in random.permutation(len(found))]


def half_precision() -> AbstractContextManager[None]:
    """Matrix products in 16 bits (bfloat16) where the processor has them: nearly twice as fast, as good."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def _encoder(name: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as missing:
        raise MissingExtra("sentence-transformers", "train") from missing
    encoder: SentenceTransformer = SentenceTransformer(str(find_model(name)), device="cpu", local_files_only=True)
    return encoder


def _token_ids(encoder: "SentenceTransformer", texts: Sequence[str], length: int) -> list[list[int]]:
    found: list[list[int]] = encoder.tokenizer(list(texts), truncation=True, max_length=length)["input_ids"]
    return found
