"""Exports: written to a file of their own, sent, and removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import Query
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

Format = Annotated[Literal["parquet", "csv", "jsonl"], Query(description="Of the file.")]
Vectors = Annotated[bool, Query(description="Every named vector of every passage, too.")]


@contextmanager
def new_file(home: Path, suffix: str) -> Iterator[Path]:
    """Where to write an export; removed again when that fails."""
    folder = home / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{uuid4().hex}.{suffix}"
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def once(path: Path, *, name: str) -> FileResponse:
    """Send a file, then remove it."""
    return FileResponse(path, filename=name, background=BackgroundTask(path.unlink, missing_ok=True))
