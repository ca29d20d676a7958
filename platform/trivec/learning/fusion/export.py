"""The trained network as a folder of files: what serves it, and what trains it on.

Beside what `encoders.trained_fusion` serves stand `options.json` and `network.safetensors`, from which `load` gives the
same torch network back.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from trivec.encoders import trained_fusion
from trivec.encoders.onnx_model import open_session
from trivec.encoders.term_table import TermTable, TermWeights
from trivec.encoders.trained_fusion import Served, ServedTerms
from trivec.errors import BadInput, Broken
from trivec.learning.fusion.network import FusionNetwork, Inputs
from trivec.learning.fusion.options import FusionOptions
from trivec.records import AnalysedText, DenseVectors, TextVectors

OPSET = 17
TOLERANCE = 1e-5  # between the graph's output and torch's
_TABLE = "table.weight"  # in the network's state: kept as an array of its own


@dataclass(frozen=True)
class FusionModel:
    """A fusion network together with the weights of the stems it was trained on.

    Attributes:
        network: the network.
        weights: of its stems, one per row of its table; None if it has no term side.
    """

    network: FusionNetwork
    weights: TermWeights | None = None

    def __post_init__(self) -> None:
        terms = self.network.options.terms
        words = None if self.weights is None else len(self.weights.words)
        if words != (None if terms is None else terms.words):
            raise BadInput(f"a fusion network with the term side {terms} does not go with weights of {words} stems")

    def fuse(
        self, texts: Sequence[AnalysedText], parts: Mapping[str, TextVectors], *, question: bool = False
    ) -> DenseVectors:
        """Fused vectors by torch, the same as what will be served; leaves the network in evaluation mode."""
        bags = None if self.weights is None else self.weights.bags(texts, question=question)
        return self.network.fuse(parts, bags)

    def save(self, folder: Path) -> None:
        """Write the folder.

        Raises:
            Broken: the exported graph does not compute what the network does; nothing is to be served then.
        """
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        options = self.network.options
        served = Served(options.dimension, {s.name: s.dimension for s in options.sources}, self._served_terms())
        state = {name: tensor for name, tensor in self.network.state_dict().items() if name != _TABLE}
        save_file(state, folder / "network.safetensors")
        (folder / "options.json").write_text(json.dumps(options.as_dict()), encoding="utf-8")
        if self.weights and options.terms and self.network.table:
            vectors = self.network.table.weight.detach().numpy()
            trained_fusion.save_table(folder, TermTable(self.weights, vectors, options.terms.signs))
        served.save(folder)
        _export(self.network, folder / "network.onnx")
        _verify(self.network, folder / "network.onnx")

    def _served_terms(self) -> ServedTerms | None:
        if self.weights is None or self.network.options.terms is None:
            return None
        w = self.weights
        return ServedTerms(w.unseen_idf, w.average_terms, w.k1, w.b, self.network.options.terms.signs)


def load(folder: Path) -> FusionModel:
    """The model that `FusionModel.save` wrote.

    Raises:
        Broken: the folder does not hold one.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    table = trained_fusion.load_table(folder, Served.load(folder))
    try:
        options = FusionOptions.from_dict(json.loads((folder / "options.json").read_text("utf-8")))
        network = FusionNetwork(options, table=table.vectors if table else None)
        state = load_file(folder / "network.safetensors")
        network.load_state_dict(state | ({_TABLE: network.table.weight} if network.table else {}))
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise Broken(f"{folder} holds no fusion network ({error}); train it again") from error
    return FusionModel(network.eval(), table.weights if table else None)


class _Graph(nn.Module):
    """The network with plain tensors in a fixed order: the sources, presence, the term side's sums."""

    def __init__(self, network: FusionNetwork) -> None:
        super().__init__()
        self.network = network
        self.sources = len(network.options.sources)

    def forward(self, *tensors: Tensor) -> Tensor:
        sources, (present, *terms) = tensors[: self.sources], tensors[self.sources :]
        fused: Tensor = self.network(Inputs(sources, present, terms[0] if terms else None))
        return fused


def _names(options: FusionOptions) -> list[str]:
    return [f"source.{s.name}" for s in options.sources] + ["present"] + (["terms"] if options.terms else [])


def _example(options: FusionOptions, *, texts: int) -> tuple[Tensor, ...]:
    """Random inputs of the graph, some of them missing."""
    random = np.random.default_rng(texts)
    sizes = [source.dimension for source in options.sources] + ([options.terms.dimension] if options.terms else [])
    blocks = [random.normal(size=(texts, size)).astype(np.float32) for size in sizes]
    units = [torch.from_numpy(block / np.linalg.norm(block, axis=1, keepdims=True)) for block in blocks]
    present = torch.from_numpy(random.random((texts, len(sizes))) < 0.7)
    count = len(options.sources)
    return (*units[:count], present, *units[count:])


def _export(network: FusionNetwork, file: Path) -> None:
    names = _names(network.options)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of constants that are constant for us
        torch.onnx.export(
            _Graph(network).eval(),
            _example(network.options, texts=3),
            str(file),
            input_names=names,
            output_names=["fused"],
            dynamic_axes={name: {0: "texts"} for name in [*names, "fused"]},
            opset_version=OPSET,
            dynamo=False,  # the newer exporter needs onnxscript
        )


def _verify(network: FusionNetwork, file: Path) -> None:
    session, graph = open_session(file, threads=1), _Graph(network).eval()
    for texts in (1, 64):
        example = _example(network.options, texts=texts)
        with torch.no_grad():
            expected = graph(*example).numpy()
        feed = {name: t.numpy() for name, t in zip(_names(network.options), example, strict=True)}
        difference = float(np.abs(session.run(["fused"], feed)[0] - expected).max())
        if not difference <= TOLERANCE:
            raise Broken(f"the exported fusion network differs from torch by {difference:.2g}, above {TOLERANCE:g}")
