"""The recipe of the fusion: every number of its training, as found on cranfield, medline and cacm."""

from dataclasses import dataclass, field

from trivec.learning.fusion.teacher import Teacher
from trivec.learning.training.optimisers import Name


@dataclass(frozen=True)
class FusionTraining:
    """How to train; the defaults are the measured recipe.

    Attributes:
        sources: named vectors that the network reads; the word vectors of the others are in its table.
        questions: pseudo-questions drawn.
        held_out: share of documents whose questions are not learned from.
        teacher: forms the opinions.
        certainty: temperature of the teacher's opinions; lower listens to its first passages alone.
        temperature: of the student's cosines.
        best: the teacher's first passages of each question in a batch, compared by all its questions.
        random: passages drawn at random beside them.
        batch: questions.
        epochs: passes over the questions.
        optimiser: `adamw`, `rmsprop` or `lars`.
        table_rate: learning rate of the stems' vectors; 0 freezes them.
        rate: learning rate of everything else.
        anchor: how strongly the table is held at its start.
        label_weight: share of the classification loss where documents have labels; 0 ignores them.
        hidden: widths of dense layers; () for none.
        output: dimension of the fused vector; 0 for that of the concatenation.
        source_dropout: share of sources dropped from a question in training.
        seed: of everything.
    """

    sources: tuple[str, ...] = ("bert",)
    questions: int = 4000
    held_out: float = 0.1
    teacher: Teacher = field(default_factory=Teacher)
    certainty: float = 0.5
    temperature: float = 0.05
    best: int = 16
    random: int = 2048
    batch: int = 128
    epochs: int = 12
    optimiser: Name = "adamw"
    table_rate: float = 2e-3
    rate: float = 3e-4
    anchor: float = 0.01
    label_weight: float = 0.0
    hidden: tuple[int, ...] = ()
    output: int = 0
    source_dropout: float = 0.15
    seed: int = 1
