"""Archives (zip, tar): members come out as streams, one after another; nothing is ever unpacked to disk by its name.

The whole archive is checked before its first member is given: one that would escape its folder or explode is refused.
"""

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from trivec.errors import BadInput, UnsafeArchive
from trivec.sources.base import Limits
from trivec.sources.streams import DAMAGES, decompressed, opened

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
_LONG_SUFFIX = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz", ".tzst": ".tar.zst"}
_LONGEST_TARGET = 4096

Refuse = Callable[[str, str], None]  # a member's name and why it is left out


@dataclass(frozen=True)
class _Member:
    """What a check needs to know of a member; `target` is where a link leads, "" for other members."""

    name: str
    size: int
    target: str = ""


def is_archive(name: str) -> bool:
    """Whether a name says so."""
    return name.lower().endswith((".zip", *_TARS))


def is_noise(name: str) -> bool:
    """Hidden files and what operating systems leave in archives and folders."""
    return any(
        part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in PurePosixPath(name).parts
    )


def members(path: Path, name: str, *, limits: Limits, refuse: Refuse) -> Iterator[tuple[str, io.BufferedReader]]:
    """Name and bytes of every file in an archive. A stream is closed when the next one is asked for.

    Raises:
        UnsafeArchive: it has members outside its folder, too many, or they are too large.
        BadInput: it is damaged.
    """
    inside = _in_zip if name.lower().endswith(".zip") else _in_tar
    try:
        yield from inside(path, name, limits, refuse)
    except DAMAGES as error:
        raise BadInput(f"{name} is damaged ({error}); make the archive anew") from error


def _in_zip(path: Path, name: str, limits: Limits, refuse: Refuse) -> Iterator[tuple[str, io.BufferedReader]]:
    with zipfile.ZipFile(path) as archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
        _check(name, path, (_of_zip(archive, info) for info in files), limits)
        for info in files:
            if info.flag_bits & 1:
                refuse(info.filename, "is encrypted; save the archive without a password")
            elif _is_link(info):
                refuse(info.filename, "is a link; links in archives are not followed")
            else:
                yield from _given(info.filename, info.file_size, _open_zip(archive, info), limits, refuse)


def _open_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: cast("BinaryIO", archive.open(info))


def _of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    is_target = _is_link(info) and info.file_size <= _LONGEST_TARGET and not info.flag_bits & 1
    return _Member(info.filename, info.file_size, archive.read(info).decode(errors="replace") if is_target else "")


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _in_tar(path: Path, name: str, limits: Limits, refuse: Refuse) -> Iterator[tuple[str, io.BufferedReader]]:
    with _tar(path, name, limits) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        _check(name, path, (_Member(info.name, info.size, info.linkname) for info in archive), limits)
    with _tar(path, name, limits) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            if info.isfile():
                yield from _given(info.name, info.size, _open_tar(archive, info), limits, refuse)
            elif not info.isdir():
                refuse(info.name, "is a link or a device; only files in archives are read")


def _tar(path: Path, name: str, limits: Limits) -> AbstractContextManager[io.BufferedReader]:
    short = next((suffix for suffix in _LONG_SUFFIX if name.lower().endswith(suffix)), "")
    return opened(path, name.lower().removesuffix(short) + _LONG_SUFFIX[short] if short else name, limits)


def _open_tar(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], BinaryIO]:
    return lambda: cast("BinaryIO", archive.extractfile(info))


def _given(
    name: str, size: int, open_member: Callable[[], BinaryIO], limits: Limits, refuse: Refuse
) -> Iterator[tuple[str, io.BufferedReader]]:
    if is_noise(name):
        return
    if is_archive(name):
        refuse(name, "is an archive inside an archive; unpack it first")
        return
    try:
        member = open_member()
    except DAMAGES as error:
        refuse(name, f"cannot be opened: {error}")
        return
    with member, decompressed(member, name, packed=size, limits=limits) as stream:
        yield name, stream


def _check(name: str, path: Path, found: Iterable[_Member], limits: Limits) -> None:
    most = min(limits.unpacked, max(limits.free, path.stat().st_size * limits.ratio))
    unpacked = 0
    for count, member in enumerate(found, start=1):
        unpacked += member.size
        if count > limits.members:
            raise UnsafeArchive(f"{name} has more than {limits.members:,} members; split it")
        if unpacked > most:
            raise UnsafeArchive(f"{name} unpacks to more than {most:,} bytes; refused as a possible bomb")
        leads_to = _resolved(member.name, member.target)
        if _escapes(member.name) or (member.target and _escapes(leads_to)):
            raise UnsafeArchive(f"{name} has a member outside its folder: {member.name!r} {member.target!r}; refused")


def _resolved(name: str, target: str) -> str:
    """Where a link leads, seen from the archive's top; `..` that stay inside are worked off."""
    if target.startswith(("/", "\\")):
        return target
    parts: list[str] = []
    for part in (*PurePosixPath(name).parent.parts, *PurePosixPath(target).parts):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or parts[0][1:2] == ":" or "\0" in name
