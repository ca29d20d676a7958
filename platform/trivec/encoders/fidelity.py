"""How true an 8-bit model is to the full one: the cosines between both vectors of the same texts."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from trivec.errors import BadInput, Broken
from trivec.records import DenseVectors

_FILE = "fidelity.json"


Encode = Callable[[list[str]], DenseVectors]  # one unit vector per plain text


@dataclass(frozen=True)
class Fidelity:
    """Cosines of two models' vectors, text by text; 1 is equal.

    Attributes:
        mean_cosine: over the texts.
        minimum_cosine: of the worst text.
        texts: how many were compared.
    """

    mean_cosine: float
    minimum_cosine: float
    texts: int

    def save(self, folder: Path) -> None:
        """Keep it beside the model."""
        (folder / _FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Fidelity":
        """What was measured when the model was made.

        Raises:
            Broken: nothing was.
        """
        try:
            return cls(**json.loads((folder / _FILE).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise Broken(f"no fidelity is recorded in {folder}: {error}") from error


def measure(reference: Encode, other: Encode, texts: list[str]) -> Fidelity:
    """Compare two encoders on texts of your own.

    Raises:
        BadInput: there is no text to compare.
    """
    expected, got = reference(texts), other(texts)
    both = expected.present & got.present
    if not both.any():
        raise BadInput("no text to compare two encoders on")
    cosines = np.einsum("ij,ij->i", expected.values[both], got.values[both])
    return Fidelity(round(float(cosines.mean()), 5), round(float(cosines.min()), 5), int(both.sum()))


def sample_texts() -> list[str]:
    """Paragraphs of presidential messages, 1790 to today (public domain), of mixed length, to measure with."""
    text = (files("trivec.encoders") / "sample_texts.txt").read_text("utf-8")
    return [paragraph for paragraph in text.split("\n") if paragraph]
