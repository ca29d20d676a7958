"""The files of a source: a file itself, the members of an archive, or all that is in a folder.

A path goes in; names and open streams come out, in a fixed order. A stream is closed when the next one is asked for.
"""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from trivec.errors import BadInput, NotFound
from trivec.records import RejectedRow
from trivec.sources.archive import is_archive, is_noise, members
from trivec.sources.base import Limits
from trivec.sources.streams import opened

Rejects = Callable[[RejectedRow], None]
Files = Iterator[tuple[str, io.BufferedReader]]


def is_alone(path: Path, name: str) -> bool:
    """Whether a source is one file, so that there is nothing to go on with when it is bad."""
    return not path.is_dir() and not is_archive(name)


def files(path: Path, name: str, limits: Limits, rejects: Rejects) -> Files:
    """Every file of a source under its name: `name`, `archive/member` or `folder/sub/file`.

    Raises:
        NotFound: there is no such path.
        BadInput: an archive that is unsafe or damaged, or a file that cannot be opened; in a folder it is rejected.
    """
    if path.is_dir():
        yield from _of_folder(path, name, limits, rejects)
    elif not path.exists():
        raise NotFound(f"there is no file or folder {path}")
    else:
        yield from _of_file(path, name, limits, rejects)


def printable(name: str) -> str:
    """A file's name as text, whatever bytes it is made of."""
    return os.fsencode(name).decode(errors="replace")


def _of_file(path: Path, name: str, limits: Limits, rejects: Rejects) -> Files:
    if not is_archive(name):
        with opened(path, name, limits) as stream:
            yield name, stream
        return

    def refuse(member: str, why: str) -> None:
        rejects(RejectedRow(f"{name}/{printable(member)}", 0, why))

    for member, stream in members(path, name, limits=limits, refuse=refuse):
        yield f"{name}/{printable(member)}", stream


def _of_folder(folder: Path, name: str, limits: Limits, rejects: Rejects) -> Files:
    root = folder.resolve()
    for path in _walk(folder):
        inside = path.relative_to(folder).as_posix()
        source = f"{name}/{printable(inside)}"
        if is_noise(inside):
            continue
        if not path.resolve().is_relative_to(root):
            rejects(RejectedRow(source, 0, "is a link that leads out of the folder; it is not followed"))
            continue
        try:
            yield from _of_file(path, source, limits, rejects)
        except (BadInput, OSError) as error:
            rejects(RejectedRow(source, 0, str(error)))


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(where, name) for name in sorted(names))
