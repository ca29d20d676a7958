"""Fused, by a trained network: a folder that `learning.fusion` wrote in, one unit vector per text out. Needs no torch.

fusion.json        what goes in and comes out: `Served`
network.onnx       inputs `source.NAME` (texts, dimension), `present` (texts, sources), `terms`; output `fused`
table.npy          with a term side: its vectors (mapped, not read), its stems, their rarity
words.json
idf.npy
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.base import EncoderSpec
from trivec.encoders.onnx_model import open_session
from trivec.encoders.rows import checked_part, unit_rows
from trivec.encoders.term_table import Signs, TermTable, TermWeights
from trivec.errors import BadInput, Broken
from trivec.records import AnalysedText, Bools1d, DenseVectors, Floats2d, TextVectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BATCH_TEXTS = 1024  # of one run, so that memory stays bounded


@dataclass(frozen=True)
class ServedTerms:
    """What the term side needs besides its arrays; see `TermWeights` and `Signs`."""

    unseen_idf: float
    average_terms: float
    k1: float
    b: float
    signs: Signs


@dataclass(frozen=True)
class Served:
    """What goes into a network and what comes out.

    Attributes:
        dimension: of the fused vector.
        sources: dimension of each named vector, in the network's order.
        terms: of the term side; None if it has none.
    """

    dimension: int
    sources: Mapping[str, int]
    terms: ServedTerms | None = None

    def save(self, folder: Path) -> None:
        """Write `fusion.json`."""
        (folder / "fusion.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Served":
        """Read `fusion.json`.

        Raises:
            Broken: it is missing or unreadable.
        """
        try:
            values: dict[str, Any] = json.loads((folder / "fusion.json").read_text("utf-8"))
            terms = values["terms"]
            served = ServedTerms(**{**terms, "signs": Signs(**terms["signs"])}) if terms else None
            return cls(**{**values, "terms": served})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Broken(f"{folder} holds no trained fusion ({error}); train it again") from error


def spec(folder: Path, *, reference: str, name: str = "fused") -> EncoderSpec:
    """Describe the network in a folder, which is known by a registry reference (or is the folder's path)."""
    served = Served.load(folder)
    return EncoderSpec(name, "fusion", "dense", served.dimension, model=reference, parts=tuple(served.sources))


def among(specs: Sequence[EncoderSpec], fused: EncoderSpec) -> tuple[EncoderSpec, ...]:
    """The specs of a generation with another fused vector: in the place of its name, or behind the dense ones."""
    if any(spec.name == fused.name for spec in specs):
        return tuple(fused if spec.name == fused.name else spec for spec in specs)
    dense = [spec for spec in specs if spec.kind == "dense"]
    return (*dense, fused, *(spec for spec in specs if spec.kind != "dense"))


def kept(old: Sequence[EncoderSpec], new: Sequence[EncoderSpec]) -> tuple[EncoderSpec, ...]:
    """New specs with the trained fusions of old ones, as far as the vectors that these read are made as before."""
    for fused in old:
        if fused.family == "fusion" and all(part in new for part in old if part.name in fused.parts):
            new = among(new, fused)
    return tuple(new)


@dataclass(frozen=True)
class TrainedFusion:
    """A trained network with its term side, ready to serve. Threads may share it.

    Attributes:
        spec: what it is.
        folder: where its graph is.
        served: what goes in and comes out.
        table: the term side; None if the network has none.
        threads: of its session; 0 means all cores.
    """

    spec: EncoderSpec
    folder: Path
    served: Served
    table: TermTable | None
    threads: int = 0

    def fuse(
        self, texts: Sequence[AnalysedText], parts: Mapping[str, TextVectors], *, question: bool = False
    ) -> DenseVectors:
        """One unit vector per text; missing only where every part is and no stem counts."""
        values, present = dict[str, NDArray[np.float32]](), list[Bools1d]()
        for name, dimension in self.served.sources.items():
            shape = (len(texts), dimension)
            part = parts.get(name)
            block = checked_part(part, name=name, of=self.spec.name, shape=shape) if part is not None else None
            values[f"source.{name}"] = np.zeros(shape, np.float32) if block is None else block.values
            present.append(np.zeros(len(texts), np.bool_) if block is None else block.present)
        if self.table is not None:
            terms = self.table.encode(texts, question=question)
            values["terms"] = terms.values
            present.append(terms.present)
        there = np.stack(present, axis=1)
        anything: Bools1d = np.any(there, axis=1)
        return unit_rows(self._run({**values, "present": there}, len(texts)), present=anything)

    def _run(self, inputs: Mapping[str, NDArray[Any]], texts: int) -> Floats2d:
        fused = np.zeros((texts, self.served.dimension), np.float32)
        for start in range(0, texts, BATCH_TEXTS):
            rows = slice(start, start + BATCH_TEXTS)
            fused[rows] = self.session.run(["fused"], {name: values[rows] for name, values in inputs.items()})[0]
        return fused

    @cached_property
    def session(self) -> "InferenceSession":
        """The graph, opened at its first use; one session serves several threads."""
        return open_session(self.folder / "network.onnx", threads=self.threads)


def load(spec: EncoderSpec, *, folder: Path, threads: int = 0) -> TrainedFusion:
    """Build the fusion from its folder.

    Raises:
        Broken: the folder holds no trained fusion.
        BadInput: the network is not the one that the spec describes.
    """
    served = Served.load(folder)
    if (served.dimension, tuple(served.sources)) != (spec.dimension, spec.parts):
        made = f"{served.dimension} dimensions out of {', '.join(served.sources)}"
        raise BadInput(f"encoder {spec.name!r}: {folder} makes {made}, not {spec.dimension} out of {spec.parts}")
    return TrainedFusion(spec, folder, served, load_table(folder, served), threads)


def load_table(folder: Path, served: Served) -> TermTable | None:
    """The term side of a folder, its vectors mapped from the file.

    Raises:
        Broken: its files are missing or do not fit each other.
    """
    if served.terms is None:
        return None
    try:
        words = tuple(json.loads((folder / "words.json").read_text("utf-8")))
        idf = np.load(folder / "idf.npy", allow_pickle=False)
        vectors = np.load(folder / "table.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise Broken(f"{folder} holds no term table ({error}); train the fusion again") from error
    if not len(words) == len(idf) == len(vectors):
        raise Broken(f"{folder}: {len(words)} stems, {len(idf)} rarities, {len(vectors)} vectors; train it again")
    terms = served.terms
    return TermTable(
        TermWeights(words, idf, terms.unseen_idf, terms.average_terms, terms.k1, terms.b), vectors, terms.signs
    )


def save_table(folder: Path, table: TermTable) -> None:
    """Write the arrays and the stems of a term side."""
    (folder / "words.json").write_text(json.dumps(table.weights.words, ensure_ascii=False), encoding="utf-8")
    np.save(folder / "idf.npy", np.asarray(table.weights.idf, np.float32), allow_pickle=False)
    np.save(folder / "table.npy", np.asarray(table.vectors, np.float32), allow_pickle=False)
