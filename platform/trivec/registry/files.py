"""The files of a model: none of them may carry code, and each version's folder is there whole or not at all."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from trivec.errors import BadInput, Broken
from trivec.registry.graphs import check_graph

SAFE_FILES: Final = (".safetensors", ".json", ".npy", ".onnx")  # none of them can carry code


def check_files(folder: Path) -> None:
    """Refuse a model folder with any file that could carry code when loaded.

    Raises:
        BadInput: naming the file.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if not files:
        raise BadInput(f"{folder} holds no files: there is no model to keep")
    for path in files:
        if path.suffix not in SAFE_FILES:
            raise BadInput(f"{path.name} is not a model file: use {', '.join(SAFE_FILES)}, never a pickle")
        if path.suffix == ".onnx":
            check_graph(path)
        try:
            if path.suffix == ".npy":
                np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError as unsafe:
            raise BadInput(f"{path.name} is not a plain NumPy array, it may hide a pickle: {unsafe}") from unsafe


def fetch(source: str, local: Path, *, tracking_uri: str) -> None:
    """Put a version's files at `local`, whole or not at all; files on this machine are linked, not copied."""
    from mlflow.artifacts import download_artifacts

    local.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=local.parent, prefix=".fetch-") as temporary:
        inside = Path(temporary) / "model"
        if source.startswith("file://"):
            held = Path(url2pathname(urlsplit(source).path))
            inside.symlink_to(os.path.relpath(held, local.parent.resolve()), target_is_directory=True)
        else:
            held = inside
            inside.mkdir()
            download_artifacts(source, dst_path=str(inside), tracking_uri=tracking_uri)
        try:
            check_files(held)
        except BadInput as unusable:
            raise Broken(f"the model files at {source} cannot be used, train it again: {unusable}") from unusable
        try:
            inside.rename(local)
        except OSError:
            if not local.exists():  # else another process was first
                raise
