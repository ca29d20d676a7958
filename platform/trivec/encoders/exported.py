"""Exports of sentence-transformers models: made once per machine, in a process of their own, and kept in the cache."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from trivec.encoders import fidelity
from trivec.encoders.cache import build_once
from trivec.encoders.model_files import find_model, full_name, model_fingerprint
from trivec.encoders.onnx_model import OnnxModel, read_model
from trivec.errors import Broken, MissingExtra

Precision = Literal["fp32", "int8"]

_FORMAT = 1  # of the exported folder; a change makes every machine export anew


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
        folder = build_once(base.with_name(f"{base.name}-int8"), lambda unfinished: _quantize(fp32, unfinished))
    return read_model(folder, threads=threads)


def _quantize(fp32: Path, target: Path) -> None:
    """Make the 8-bit model and record how true it is."""
    _convert(fp32, target, "int8")
    full, small = read_model(fp32), read_model(target)
    fidelity.measure(full.encode, small.encode, fidelity.sample_texts()).save(target)


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
