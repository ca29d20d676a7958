"""Tables of word vectors: every usual file gives the same table, and a broken one says where."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from trivec.encoders import glove
from trivec.encoders.tables import WordTable, read
from trivec.errors import BadInput, Broken

WORDS = ("wing", "flow", "Müller", "x\u0085y")
VECTORS = np.arange(20, dtype=np.float32).reshape(4, 5) / 7 - 1


def _text(path: Path, *, header: bool) -> Path:
    rows = [f"{word} {' '.join(f'{n:.6f}' for n in row)}\n" for word, row in zip(WORDS, VECTORS, strict=True)]
    path.write_text((f"{len(WORDS)} 5\n" if header else "") + "".join(rows), encoding="utf-8", newline="")
    return path


def _binary(path: Path) -> Path:
    rows = [word.encode() + b" " + row.tobytes() + b"\n" for word, row in zip(WORDS, VECTORS, strict=True)]
    path.write_bytes(f"{len(WORDS)} 5\n".encode() + b"".join(rows))
    return path


def _keyed_vectors(path: Path) -> Path:
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(5, count=0)
    keyed.add_vectors(WORDS, VECTORS)
    keyed.save(str(path))
    return path


def _folder(path: Path) -> Path:
    WordTable(WORDS, VECTORS).save(path)
    return path


def _gzipped(path: Path) -> Path:
    path.write_bytes(gzip.compress(_text(path.with_suffix(".plain"), header=False).read_bytes()))
    return path


FILES = {
    "glove.mine.5d.txt": lambda path: _text(path, header=False),
    "word2vec.txt": lambda path: _text(path, header=True),
    "word2vec.bin": _binary,
    "mine.kv": _keyed_vectors,
    "glove.txt.gz": _gzipped,
    "ours": _folder,
}


@pytest.mark.parametrize("name", FILES)
def test_every_usual_file_gives_the_same_table(name: str, tmp_path: Path) -> None:
    table = read(FILES[name](tmp_path / name), cache=tmp_path / "cache")
    assert table.words == WORDS
    assert table.index["Müller"] == 2
    assert table.dimension == 5
    assert np.allclose(table.vectors, VECTORS, atol=1e-6)


def test_a_table_is_converted_once_and_mapped_into_memory(tmp_path: Path) -> None:
    source = _text(tmp_path / "glove.txt", header=False)
    first = read(source, cache=tmp_path / "cache")
    folder = next((tmp_path / "cache" / "tables").glob("glove*"))
    (folder / "words.json").write_text('["a", "b", "c", "d"]')
    assert read(source, cache=tmp_path / "cache").words == ("a", "b", "c", "d")
    assert isinstance(first.vectors, np.memmap)


def test_a_changed_file_is_converted_again(tmp_path: Path) -> None:
    source = _text(tmp_path / "glove.txt", header=False)
    read(source, cache=tmp_path / "cache")
    source.write_text("new 1 2\n")
    assert read(source, cache=tmp_path / "cache").words == ("new",)


@pytest.mark.parametrize("content", ["wing 1 2\nflow 1 two\n", "wing 1 2\nflow 1\n"])
def test_a_broken_line_is_named_and_nothing_half_done_remains(content: str, tmp_path: Path) -> None:
    source = tmp_path / "glove.txt"
    source.write_text(content)
    with pytest.raises(BadInput, match=r"glove\.txt' line 2"):
        read(source, cache=tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache" / "tables").iterdir() if not path.name.endswith(".lock")] == []


def test_an_empty_file_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "glove.txt").touch()
    with pytest.raises(BadInput, match="not a table of word vectors"):
        read(tmp_path / "glove.txt", cache=tmp_path / "cache")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.txt"):
        read(tmp_path / "nowhere.txt", cache=tmp_path)


def test_a_folder_without_a_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="no word table"):
        read(tmp_path, cache=tmp_path)


def test_of_a_word_that_stands_twice_the_first_counts() -> None:
    assert WordTable(("a", "b", "a"), np.eye(3, dtype=np.float32)).index == {"a": 0, "b": 1}


def test_the_packaged_table_is_glove_6b(cache: Path) -> None:
    table = glove.table("", cache=cache)
    assert table.vectors.shape == (400_000, 50)
    assert table.words[:3] == ("the", ",", ".")
    assert np.allclose(table.vectors[0][:4], [0.418, 0.24968, -0.41242, 0.1217])
