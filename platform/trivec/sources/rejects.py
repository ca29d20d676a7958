"""The rejects file: one JSON object a line, {"source", "line", "reason", "row"}. Line 0 is the file as a whole."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import orjson

from trivec.records import RejectedRow


class RejectsWriter:
    """Appends rejected rows to a file, made with the first of them. Call it, or use it as a context.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.count = 0

    def __call__(self, row: RejectedRow) -> None:
        """Write one row; it is on its way to the disk when this returns."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
        printable = {key: _utf8(value) if isinstance(value, str) else value for key, value in asdict(row).items()}
        self._file.write(orjson.dumps(printable, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        self.count += 1

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_rejects(path: Path) -> Iterator[RejectedRow]:
    """The rows of a rejects file; none when nothing was rejected."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            yield RejectedRow(**orjson.loads(line))


def _utf8(text: str) -> str:
    return text.encode(errors="replace").decode()
