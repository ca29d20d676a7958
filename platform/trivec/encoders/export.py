"""Exports a sentence-transformers model to ONNX; run as a process of its own, so that nobody else imports torch.

    python -m trivec.encoders.export MODEL_FOLDER OUTPUT_FOLDER [fp32|int8]

The whole pipeline goes into the graph (transformer, pooling, dense layers, normalisation), so that what the model's own
modules say is what is computed. Beside `model.onnx` stand `tokenizer.json` and `encoder.json`.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

OPSET = 17
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
EXAMPLE = ["two texts of different length are traced", "this one is the shorter"]


def export(model_folder: Path, output: Path) -> None:
    """Write `model.onnx`, `tokenizer.json` and `encoder.json` of a model."""
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder), device="cpu", local_files_only=True).eval()
    features = model.tokenizer(EXAMPLE, padding=True, return_tensors="pt")
    names = [name for name in INPUTS if name in features]

    class Pipeline(torch.nn.Module):
        """The model with its inputs in a fixed order and one output."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            return _embedding(self.model, dict(zip(names, inputs, strict=True)))

    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"embedding": {0: "texts"}}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of constants that are constant for us
        torch.onnx.export(
            Pipeline(),
            tuple(features[name] for name in names),
            str(output / "model.onnx"),
            input_names=names,
            output_names=["embedding"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,  # the newer exporter needs onnxscript and makes a slower graph of BERT
        )
    model.tokenizer.backend_tokenizer.save(str(output / "tokenizer.json"))
    dimension = int(_embedding(model, dict(features)).shape[1])
    (output / "encoder.json").write_text(json.dumps(_description(model, dimension)), encoding="utf-8")


def _embedding(model: "SentenceTransformer", features: "dict[str, torch.Tensor]") -> "torch.Tensor":
    embedding: torch.Tensor = model(features)["sentence_embedding"]
    return embedding


def _description(model: "SentenceTransformer", dimension: int) -> dict[str, Any]:
    """What serving needs to know besides the graph: lengths and prompts."""
    pooling = next((module for module in model if hasattr(module, "include_prompt")), None)
    prompts = {name: prompt for name, prompt in model.prompts.items() if prompt}
    if prompts and pooling is not None and not pooling.include_prompt:
        raise SystemExit("this model leaves its prompt out of the pooling, which the onnx family cannot; use torch")
    default = prompts.get(model.default_prompt_name or "", "")
    passage = prompts.get("document", prompts.get("passage", default))
    return {
        "dimension": dimension,
        "max_length": model.max_seq_length,
        "padding_id": model.tokenizer.pad_token_id or 0,
        "query_prompt": prompts.get("query", default),
        "document_prompt": passage,
    }


def quantize(fp32: Path, output: Path) -> None:
    """Write the graph with signed 8-bit weights, one scale per channel, activations quantized as they come.

    Only matrix products are quantized. Measured on MiniLM: one scale per tensor costs .06 of cosine, this .005.
    """
    import shutil

    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        fp32 / "model.onnx",
        output / "model.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    for name in ("tokenizer.json", "encoder.json"):
        shutil.copyfile(fp32 / name, output / name)


if __name__ == "__main__":
    source, target, precision = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    quantize(source, target) if precision == "int8" else export(source, target)
