"""How a classifier is trained: plain values, needs no torch."""

from dataclasses import dataclass

from trivec.encoders.model_files import MINILM


@dataclass(frozen=True)
class TaxonomyOptions:
    """Settings that suit collections of hundreds to tens of thousands of texts; none is meant for one collection.

    Attributes:
        tune: the sentence-transformers model whose upper half is fine-tuned, name or path; "" for no fine-tuning.
        held_back: share of each class that judges what was learned, 0 to 0.5.
        epochs: most passes of the branch of words over the examples.
        tuning_epochs: passes of the fine-tuning, where the examples are short or few enough for `tuning_tokens`.
        tuning_tokens: how many tokens the fine-tuning reads in all; decides about its time.
        tuning_length: tokens of a text that the fine-tuning reads; serving reads as many as the model can.
        tuning_rate: highest learning rate of the fine-tuned layers.
        batch: texts of a batch.
        upper: weight of each upper level in the loss, where the end of the path has 1.
        seed: of everything drawn by chance.
    """

    tune: str = MINILM
    held_back: float = 0.1
    epochs: int = 12
    tuning_epochs: int = 4
    tuning_tokens: int = 2_000_000
    tuning_length: int = 128
    tuning_rate: float = 1e-4
    batch: int = 32
    upper: float = 0.3
    seed: int = 1
