"""The student: the network while it learns, the batches it sees and the loss it has."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from trivec.learning.fusion.labels import LabelHeads
from trivec.learning.fusion.lessons import Lessons, Rows
from trivec.learning.fusion.network import FusionNetwork, Inputs
from trivec.learning.fusion.recipe import FusionTraining
from trivec.learning.fusion.teacher import agreement
from trivec.learning.training.optimisers import Group
from trivec.records import DenseVectors, TextVectors

_SCORED_AT_ONCE = 2048  # passages
_HEAD_RATE = 1e-2


class Student(nn.Module):
    """The network while it learns, and the heads that only learning needs."""

    def __init__(
        self, network: FusionNetwork, lessons: Lessons, training: FusionTraining, heads: LabelHeads | None
    ) -> None:
        super().__init__()
        self.network = network
        self.heads = heads
        self.lessons = lessons
        self.training_options = training
        table = network.table
        self.start = None if table is None else table.weight.detach().clone()

    def groups(self) -> list[Group]:
        """What learns, each kind at its own rate."""
        training = self.training_options
        rates = {"table": training.table_rate}
        groups = [
            Group(name, held, rates.get(name, training.rate)) for name, held in self.network.parameter_groups().items()
        ]
        return groups if self.heads is None else [*groups, Group("heads", list(self.heads.parameters()), _HEAD_RATE)]

    def batches(self, chance: np.random.Generator) -> list[tuple[Rows, Rows]]:
        """Questions of a batch and the passages they are asked of."""
        size, lessons = self.training_options.batch, self.lessons
        order = chance.permutation(lessons.learned)
        full = [order[start : start + size] for start in range(0, max(1, len(order) - size + 1), size)]
        count = lessons.opinions.shape[1]
        return [
            (rows, np.unique([*lessons.best[rows].ravel(), *chance.integers(0, count, self.training_options.random)]))
            for rows in full
        ]

    def loss(self, batch: tuple[Rows, Rows]) -> Tensor:
        """KL divergence from the teacher's opinions to the student's (Hinton, Vinyals & Dean, 2015)."""
        rows, columns = batch
        training, lessons = self.training_options, self.lessons
        opinions = torch.from_numpy(lessons.opinions[np.ix_(rows, columns)])
        forbidden = torch.isneginf(opinions)
        passages = self.network(self.of_passages(columns), drop=False)
        cosines = self.network(self.of_questions(rows)) @ passages.T
        student = functional.log_softmax((cosines / training.temperature).masked_fill(forbidden, -1e4), dim=1)
        teacher = functional.softmax(opinions / training.certainty, dim=1)
        loss = functional.kl_div(student, teacher, reduction="batchmean")
        if self.start is not None and self.network.table is not None and training.anchor:
            loss = loss + training.anchor * (self.network.table.weight - self.start).square().sum(dim=1).mean()
        if self.heads is not None:
            loss = loss + training.label_weight * self.heads.loss(passages, columns)
        return loss

    def held_out_scores(self) -> NDArray[np.float64]:
        """Agreement with the teacher on each held-out question, 0 to 1, higher is better."""
        self.eval()
        with torch.no_grad():
            count = self.lessons.opinions.shape[1]
            chunks = np.array_split(np.arange(count), -(-count // _SCORED_AT_ONCE))
            passages = torch.cat([self.network(self.of_passages(rows)) for rows in chunks])
            cosines = self.network(self.of_questions(self.lessons.held_out)) @ passages.T
        return agreement(cosines.numpy(), self.lessons.opinions[self.lessons.held_out])

    def of_passages(self, rows: Rows) -> Inputs:
        """These passages as the network reads them."""
        return self.network.inputs(_take(self.lessons.passage_vectors, rows), self.lessons.passage_bags.take(rows))

    def of_questions(self, rows: Rows) -> Inputs:
        """These questions as the network reads them."""
        return self.network.inputs(_take(self.lessons.asked, rows), self.lessons.question_bags.take(rows))


def _take(parts: Mapping[str, TextVectors], rows: Rows) -> dict[str, TextVectors]:
    return {
        name: DenseVectors(part.values[rows], part.present[rows])
        for name, part in parts.items()
        if isinstance(part, DenseVectors)
    }
