"""An exported model: made once per machine, then run by ONNX Runtime without torch.

A model name in, a session that turns batches of token ids into unit vectors out.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.cache import build_once
from trivec.encoders.model_files import find_model, full_name, model_fingerprint
from trivec.errors import Broken, MissingExtra
from trivec.records import Floats2d

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Precision = Literal["fp32", "int8"]
Ids = list[int]

_FORMAT = 1  # of the exported folder; a change makes every machine export anew


@dataclass(frozen=True)
class OnnxModel:
    """A folder with `model.onnx`, `tokenizer.json` and `encoder.json`, opened.

    Attributes:
        folder: where it is.
        dimension: of its vectors.
        max_length: tokens it reads of a text; the rest is cut off.
        padding_id: of the token that fills a row.
        query_prompt: put before questions.
        document_prompt: put before documents.
        threads: of one session; 0 means all cores.
    """

    folder: Path
    dimension: int
    max_length: int
    padding_id: int
    query_prompt: str
    document_prompt: str
    threads: int = 0

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        """Cuts a text to `max_length` tokens; pads nothing."""
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingExtra("tokenizers", "encoders") from error
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_length)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def session(self) -> "InferenceSession":
        """The graph, ready to run; one session serves several threads."""
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtra("onnxruntime", "encoders") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self.folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def run(self, batch: list[Ids]) -> Floats2d:
        """Vectors of token id rows, shape (rows, dimension)."""
        longest = max(len(ids) for ids in batch)
        tokens = np.full((len(batch), longest), self.padding_id, np.int64)
        mask = np.zeros((len(batch), longest), np.int64)
        for row, ids in enumerate(batch):
            tokens[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        inputs = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        output: NDArray[np.float32] = self.session.run(None, {name: inputs[name] for name in self._inputs})[0]
        return output

    @cached_property
    def _inputs(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.session.get_inputs())


def open_model(name: str, *, precision: Precision = "fp32", cache: Path, threads: int = 0) -> OnnxModel:
    """The exported form of a sentence-transformers model, exporting it first where that has not been done.

    Raises:
        MissingExtra: it has to be exported, which needs torch.
        Broken: the export failed, or its folder is damaged.
    """
    source = find_model(name)
    stem = full_name(name).strip("/").replace("/", "--")[-80:]
    base = cache / "onnx" / f"{stem}-{model_fingerprint(source)}-v{_FORMAT}"
    folder = build_once(base, lambda unfinished: _convert(source, unfinished, "fp32"))
    if precision == "int8":
        fp32 = folder
        folder = build_once(base.with_name(f"{base.name}-int8"), lambda unfinished: _convert(fp32, unfinished, "int8"))
    return read_model(folder, threads=threads)


def read_model(folder: Path, *, threads: int = 0) -> OnnxModel:
    """Open an exported folder.

    Raises:
        Broken: files are missing or unreadable.
    """
    try:
        return OnnxModel(folder, threads=threads, **json.loads((folder / "encoder.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise Broken(f"{folder} holds no exported model ({error}); delete it to have it made again") from error


def _convert(source: Path, target: Path, precision: Precision) -> None:
    """In a process of its own: torch takes seconds to import and half a gigabyte that would never be given back."""
    needed = ("onnx",) if precision == "int8" else ("torch", "sentence_transformers")
    for package in needed:
        if find_spec(package) is None:
            raise MissingExtra(package, "train")
    command = [sys.executable, "-m", "trivec.encoders.export", str(source.resolve()), str(target), precision]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise Broken(f"exporting {source} to ONNX failed: {done.stderr.strip()[-600:]}")
