"""The cache folder: what is expensive to make is made once, also when several processes want it at the same moment."""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def build_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return `folder`, made by `make` if it does not exist.

    `make` fills a temporary folder next to it, which is renamed when complete: whoever finds `folder` finds it whole.
    Processes that come at the same time wait for the first and use its result; a lock held by a killed process is free.
    """
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make_and_rename(folder, make)
    return folder


def _make_and_rename(folder: Path, make: Callable[[Path], None]) -> None:
    for abandoned in folder.parent.glob(f".{folder.name}.*.making"):  # by a process that was killed: we hold its lock
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".making", dir=folder.parent))
    try:
        make(unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def fingerprint(*files: Path) -> str:
    """Twelve hexadecimal digits that change when the content of any of the files does."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(f"{file.name}:{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def stamp(file: Path) -> str:
    """Twelve hexadecimal digits from path, size and time of change: for files too large to read for a fingerprint."""
    facts = file.stat()
    return hashlib.sha256(f"{file.resolve()}:{facts.st_size}:{facts.st_mtime_ns}".encode()).hexdigest()[:12]
