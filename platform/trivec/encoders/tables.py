"""Tables of word vectors: any usual file in, words and a memory-mapped array out.

Our own form is a folder with `words.json` and `vectors.npy`: safe to load, shared between processes by the page cache.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np

from trivec.encoders.cache import build_once, stamp
from trivec.errors import BadInput, Broken, MissingExtra
from trivec.records import Floats2d


@dataclass(frozen=True)
class WordTable:
    """Word vectors.

    Attributes:
        words: most frequent first, where the source knows.
        vectors: shape (words, dimension); may be memory-mapped and read-only.
    """

    words: tuple[str, ...]
    vectors: Floats2d

    def __post_init__(self) -> None:
        if len(self.words) != len(self.vectors):
            raise Broken(f"a word table has {len(self.words)} words but {len(self.vectors)} vectors")

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each word; of a word that stands twice, the first."""
        return {word: row for row, word in reversed(list(enumerate(self.words)))}

    @property
    def dimension(self) -> int:
        """Numbers per word."""
        return int(self.vectors.shape[1])

    def save(self, folder: Path) -> None:
        """Write `words.json` and `vectors.npy`."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "vectors.npy", self.vectors)
        (folder / "words.json").write_text(json.dumps(self.words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "WordTable":
        """Read what `save` wrote; the vectors stay on disk until they are looked at.

        Raises:
            Broken: the folder does not hold a word table.
        """
        try:
            words = tuple(json.loads((folder / "words.json").read_text("utf-8")))
            return cls(words, np.load(folder / "vectors.npy", mmap_mode="r"))
        except (OSError, ValueError) as error:
            raise Broken(f"no word table in {folder}: {error}") from error


def read(path: Path, *, cache: Path) -> WordTable:
    """Open a table of word vectors: a folder of ours, GloVe text, word2vec text or binary (also .gz), or KeyedVectors.

    Anything but a folder of ours is converted once into `cache`. `.kv` and `.model` files are gensim's pickles: open
    only those you trust.

    Raises:
        BadInput: no such file, or not a table of word vectors.
    """
    if path.is_dir():
        return WordTable.load(path)
    if not path.is_file():
        raise BadInput(f"no word vectors at {str(path)!r}: give a glove.*.txt, word2vec .txt or .bin, or .kv file")
    folder = cache / "tables" / f"{path.name.split('.txt')[0]}-{stamp(path)}"
    return WordTable.load(build_once(folder, lambda unfinished: _convert(path, unfinished)))


def _convert(path: Path, folder: Path) -> None:
    if path.suffix in (".kv", ".model") or _is_binary(path):
        _convert_keyed_vectors(path, folder)
    else:
        _convert_text(path, folder)


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # a BinaryIO


def _is_binary(path: Path) -> bool:
    """Word2vec's binary form has a text header, then raw floats where text would have numbers."""
    with _open(path) as stream:
        head, row = stream.readline(4096).split(), stream.readline(1 << 16)
    if len(head) != 2 or not all(part.isdigit() for part in head):
        return False
    try:
        return len([float(number) for number in row.split(b" ")[1:] if number.strip()]) != int(head[1])
    except ValueError:
        return True


def _convert_keyed_vectors(path: Path, folder: Path) -> None:
    try:
        from gensim.models import KeyedVectors
    except ImportError as error:
        raise MissingExtra("gensim", "encoders") from error
    if path.suffix == ".kv" or path.suffix == ".model":
        loaded = KeyedVectors.load(str(path))
        keyed = getattr(loaded, "wv", loaded)
    else:
        keyed = KeyedVectors.load_word2vec_format(str(path), binary=True, unicode_errors="replace")
    WordTable(tuple(keyed.index_to_key), np.asarray(keyed.vectors, np.float32)).save(folder)


def _convert_text(path: Path, folder: Path) -> None:
    """Stream a text table, word and numbers a line, into an array on disk: its size does not matter."""
    with _open(path) as stream:
        first = stream.readline()
        header = len(first.split()) == 2
        dimension = int(first.split()[1]) if header and first.split()[1].isdigit() else len(first.split()) - 1
        rows = sum(1 for line in stream if line.strip()) + (0 if header else 1)
    if dimension < 1 or rows < 1:
        raise BadInput(f"{str(path)!r} is not a table of word vectors: its first line is {first[:80]!r}")
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (rows, dimension))
    words: list[str] = []
    for row, (word, numbers) in enumerate(_lines(path, dimension, header=header)):
        vectors[row] = numbers
        words.append(word)
    vectors.flush()
    (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def _lines(path: Path, dimension: int, *, header: bool) -> Iterator[tuple[str, Sequence[float]]]:
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            if (header and number == 1) or not line.strip():
                continue
            word, *numbers = line.rstrip().decode("utf-8", errors="replace").rsplit(" ", dimension)
            try:
                row = [float(value) for value in numbers]
            except ValueError:
                row = []
            if len(row) != dimension:
                raise BadInput(f"{str(path)!r} line {number}: expected a word and {dimension} numbers")
            yield word, row
