"""The trained classifier as it serves: numpy and ONNX Runtime, never torch. Texts in, paths with probabilities out."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.onnx_model import OnnxModel, read_model
from trivec.errors import BadInput, Broken
from trivec.learning.taxonomy.calibration import Calibration
from trivec.learning.taxonomy.lexical import Lexical
from trivec.learning.taxonomy.tree import Taxonomy
from trivec.records import DenseVectors, Floats1d, Floats2d, LabelChance, Prediction

Encode = Callable[[Sequence[str]], DenseVectors]  # one unit vector per plain text
Floats = NDArray[np.float64]  # (texts, ends)

ALTERNATIVES = 5  # of each level
_FORMAT = 1
_TUNED = "tuned"


@dataclass(frozen=True)
class Heads:
    """The heads of all levels side by side.

    Attributes:
        weights: shape (dimension, nodes).
        biases: shape (nodes,).
    """

    weights: Floats2d
    biases: Floats1d

    def scores(self, vectors: Floats2d) -> Floats:
        """Node scores of unit vectors, shape (texts, nodes)."""
        return np.asarray(vectors @ self.weights + self.biases, np.float64)


@dataclass(frozen=True)
class Tuned:
    """The branch with an encoder of its own, fine-tuned for this taxonomy."""

    encoder: OnnxModel
    heads: Heads

    def scores(self, texts: Sequence[str]) -> Floats:
        """Node scores, shape (texts, nodes)."""
        return self.heads.scores(self.encoder.encode(texts).values)


@dataclass(frozen=True)
class TaxonomyModel:
    """A hierarchical classifier. Safe to use from several threads.

    Attributes:
        taxonomy: the paths it knows.
        lexical: counts a text's words.
        table: what each lexical feature adds to each node, shape (features, nodes).
        heads: what a text's sentence vector adds.
        tuned: the second branch, None where validation saw no use in it.
        calibration: turns scores into probabilities and these into answers.
        encode: makes the sentence vectors it was trained on.
        metrics: what it reached on validation.
    """

    taxonomy: Taxonomy
    lexical: Lexical
    table: Floats2d
    heads: Heads
    tuned: Tuned | None
    calibration: Calibration
    encode: Encode
    metrics: dict[str, float] = field(default_factory=dict)

    def predict(
        self, texts: Sequence[str], *, vectors: Floats2d | None = None, whole: bool = False
    ) -> list[Prediction]:
        """Where each text belongs, in order.

        Args:
            texts: to classify; one without any word belongs nowhere.
            vectors: their sentence vectors where they are stored already, shape (texts, dimension), unit rows.
            whole: give the likeliest path to its end, however unsure; else it ends where the threshold says.

        Raises:
            BadInput: vectors of another dimension or number.
        """
        if not texts:
            return []
        ends = self.probabilities(texts, vectors=vectors)
        nodes = self.taxonomy.node_probabilities(ends)
        least = 0.0 if whole else self.calibration.threshold
        return [
            self._prediction(int(end), chances, least if text.strip() else 2.0)
            for text, end, chances in zip(texts, ends.argmax(axis=1), nodes, strict=True)
        ]

    def probabilities(self, texts: Sequence[str], *, vectors: Floats2d | None = None) -> Floats:
        """Of each end of the taxonomy, shape (texts, ends); rows add up to 1."""
        return self.calibration.probabilities(self.scores(texts, vectors=vectors))

    def scores(self, texts: Sequence[str], *, vectors: Floats2d | None = None) -> list[Floats]:
        """Path scores of each branch, shape (texts, ends)."""
        dense = self.encode(texts).values if vectors is None else vectors
        if dense.shape != (len(texts), len(self.heads.weights)):
            wanted = (len(texts), len(self.heads.weights))
            raise BadInput(f"sentence vectors of shape {dense.shape}, but {wanted} are needed: train on this encoder")
        words = np.asarray(self.lexical.encode(texts) @ self.table, np.float64) + self.heads.scores(dense)
        branches = [words, self.tuned.scores(texts)] if self.tuned else [words]
        return [self.taxonomy.path_scores(branch) for branch in branches]

    def _prediction(self, end: int, chances: Floats, least: float) -> Prediction:
        line = self.taxonomy.line(self.taxonomy.ends[end])
        sure = [node for node in line if chances[node] >= least]
        confidence = float(chances[sure[-1] if sure else line[0]])
        levels = tuple(self._level(chances, level) for level in self.taxonomy.levels)
        return Prediction(tuple(self.taxonomy.labels[node] for node in sure), confidence, levels)

    def _level(self, chances: Floats, level: slice) -> tuple[LabelChance, ...]:
        best = level.start + np.argsort(-chances[level], kind="stable")[:ALTERNATIVES]
        labels, parents = self.taxonomy.labels, self.taxonomy.parents
        return tuple(
            LabelChance(labels[node], float(chances[node]), labels[parents[node]] if parents[node] >= 0 else "")
            for node in best
        )

    def save(self, folder: Path) -> None:
        """Write JSON, safetensors and, for the second branch, ONNX."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        self.lexical.save(folder)
        arrays = {"table": self.table, "weights": self.heads.weights, "biases": self.heads.biases}
        if self.tuned:
            arrays |= {"tuned.weights": self.tuned.heads.weights, "tuned.biases": self.tuned.heads.biases}
            if self.tuned.encoder.folder != folder / _TUNED:
                shutil.copytree(self.tuned.encoder.folder, folder / _TUNED, dirs_exist_ok=True)
        arrays["adjustment"] = self.calibration.adjustment.astype(np.float32)
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "model.safetensors")
        facts = {
            "format": _FORMAT,
            "paths": self.taxonomy.paths,
            "weights": self.calibration.weights,
            "strength": self.calibration.strength,
            "threshold": self.calibration.threshold,
            "tuned": self.tuned is not None,
            "metrics": self.metrics,
        }
        (folder / "taxonomy.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path, *, encode: Encode, threads: int = 0) -> TaxonomyModel:
    """Open what `save` wrote.

    Args:
        folder: with the files.
        encode: makes the sentence vectors that it was trained on.
        threads: of the second branch's encoder; 0 means all cores.

    Raises:
        Broken: files are missing or unreadable.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        facts = json.loads((folder / "taxonomy.json").read_text("utf-8"))
        arrays = load_file(folder / "model.safetensors")
        tuned = (
            Tuned(read_model(folder / _TUNED, threads=threads), Heads(arrays["tuned.weights"], arrays["tuned.biases"]))
            if facts["tuned"]
            else None
        )
        return TaxonomyModel(
            taxonomy=Taxonomy.of(facts["paths"]),
            lexical=Lexical.load(folder),
            table=arrays["table"],
            heads=Heads(arrays["weights"], arrays["biases"]),
            tuned=tuned,
            calibration=Calibration(
                tuple(facts["weights"]), arrays["adjustment"].astype(np.float64), facts["strength"], facts["threshold"]
            ),
            encode=encode,
            metrics=facts["metrics"],
        )
    except (OSError, ValueError, KeyError, TypeError, BadInput, SafetensorError) as error:
        raise Broken(f"no taxonomy model in {folder}: {error!r}") from error
