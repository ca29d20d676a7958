"""Bytes of a file, decompressed as they are read, with a stop where they would explode.

A path goes in, a buffered binary stream comes out. What goes wrong underneath becomes `BadInput` here.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from trivec.errors import BadInput, MissingExtra, TooLarge, UnsafeArchive
from trivec.sources.base import Limits
from trivec.sources.encodings import SAMPLE

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_IN_MEMORY = 16 * 2**20
# What the standard library's decompressors and archives throw at damaged, encrypted or exotic bytes.
DAMAGES = (
    *(OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
    *(NotImplementedError, RuntimeError),
)


class Readable(Protocol):
    """Whatever gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, none at the end."""
        ...


class Guarded(io.RawIOBase):
    """A stream that counts what it gives and says clearly what is wrong with it.

    Args:
        inner: where the bytes come from.
        name: of the file, for messages.
        packed: bytes it takes up compressed; None when it is not.
        limits: how much it may unpack to.
    """

    def __init__(self, inner: Readable, *, name: str, packed: int | None = None, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._inner = inner
        self._name = name
        self._most = min(limits.unpacked, max(limits.free, packed * limits.ratio)) if packed is not None else 0
        self._given = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer with the next bytes; 0 at the end."""
        view = memoryview(buffer)
        data = self._read(len(view))
        view[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            data = self._inner.read(size)
        except DAMAGES as error:
            raise BadInput(f"{self._name} is damaged or encrypted ({error}); make the file anew") from error
        self._given += len(data)
        if self._most and self._given > self._most:
            raise UnsafeArchive(f"{self._name} unpacks to more than {self._most:,} bytes; refused as a possible bomb")
        return data


@contextmanager
def opened(path: Path, name: str, limits: Limits) -> Iterator[io.BufferedReader]:
    """The bytes of a file, decompressed when the last suffix of its name says so."""
    with path.open("rb") as raw, decompressed(raw, name, packed=path.stat().st_size, limits=limits) as stream:
        yield stream


def decompressed(raw: BinaryIO, name: str, *, packed: int, limits: Limits) -> io.BufferedReader:
    """A guarded stream over `packed` bytes that can be looked into before it is read."""
    unpack = _UNPACKERS.get(PurePosixPath(name).suffix.lower())
    guarded = Guarded(unpack(raw), name=name, packed=packed, limits=limits) if unpack else Guarded(raw, name=name)
    return io.BufferedReader(guarded, SAMPLE)


def unpacked_name(name: str) -> str:
    """`a.jsonl.gz` -> `a.jsonl`: the name without a suffix of compression."""
    pure = PurePosixPath(name)
    return str(pure.with_suffix("")) if pure.suffix.lower() in _UNPACKERS else name


def whole(stream: BinaryIO, name: str, limits: Limits) -> bytes:
    """All bytes of a file that becomes one document.

    Raises:
        TooLarge: it is larger than a document may be.
    """
    data = stream.read(limits.document + 1)
    if len(data) > limits.document:
        raise TooLarge(f"{name} is larger than a document may be ({limits.document:,} bytes); split it")
    return data


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The same bytes for readers that jump about, on disk when there are many."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        while block := stream.read(2**20):
            spool.write(block)
        spool.seek(0)
        yield cast("BinaryIO", spool)


def _zstandard(raw: BinaryIO) -> Readable:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra("zstandard", "sources") from error
    return _Zstandard(zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))


_UNPACKERS: Mapping[str, Callable[[BinaryIO], Readable]] = {
    ".gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": _zstandard,
}


class _Zstandard:
    """Zstandard's stream with the errors of the others."""

    def __init__(self, inner: Readable) -> None:
        self._inner = inner

    def read(self, size: int = -1, /) -> bytes:
        import zstandard

        try:
            return self._inner.read(size)
        except zstandard.ZstdError as error:
            raise EOFError(str(error)) from error
