"""Folders, archives and compressed files: everything in them is read, nothing escapes, nothing explodes."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from trivec.errors import BadInput, NotFound, UnsafeArchive
from trivec.sources.base import Limits
from trivec.sources.catalog import preview, read

FILES = {"a.csv": b"id,text\n1,one\n2,two\n", "sub/b.txt": b"three", "sub/c.jsonl": b'{"id": "4", "text": "four"}\n'}
TEXTS = ["one", "two", "three", "four"]
BAD = {"broken.pdf": b"%PDF nothing", "empty.txt": b"", "what.xyz": b"?", ".hidden.txt": b"hidden", "in.zip": b"PK"}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: zstandard.ZstdCompressor().compress(data),
}
Outcome = Callable  # type: ignore[type-arg]


def zip_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tar_of(files: dict[str, bytes], *, links: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return out.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def run(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return run


Write = Callable[[str, bytes], Path]


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_file_is_read(write: Write, outcome: Outcome, suffix: str) -> None:
    found = outcome(write(f"a.csv{suffix}", PACKERS[suffix](FILES["a.csv"])))
    assert found.texts == ["one", "two"]
    assert found.documents[0].source == f"a.csv{suffix}"


def test_a_folder_is_read_in_order_and_bad_files_are_rejected_once(
    write: Write, outcome: Outcome, tmp_path: Path
) -> None:
    for name, content in {**FILES, **BAD}.items():
        write(f"box/{name}", content)
    found = outcome(tmp_path / "box")
    assert found.texts == TEXTS
    assert [document.source for document in found.documents] == ["box/a.csv"] * 2 + ["box/sub/b.txt", "box/sub/c.jsonl"]
    assert [reject.source for reject in found.rejects] == [
        "box/broken.pdf",
        "box/empty.txt",
        "box/in.zip",
        "box/what.xyz",
    ]
    assert set(found.lines) == {0}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"])
def test_an_archive_is_read_in_order_and_bad_members_are_rejected_once(
    write: Write, outcome: Outcome, suffix: str
) -> None:
    files = {**FILES, **BAD}
    packer = PACKERS.get("." + suffix.rpartition(".")[2].replace("tgz", "gz"), bytes)
    path = write(f"box{suffix}", zip_of(files) if suffix == ".zip" else packer(tar_of(files)))
    found = outcome(path)
    assert found.texts == TEXTS
    assert found.documents[2].source == found.documents[2].id == f"box{suffix}/sub/b.txt"
    assert {reject.source.rpartition("/")[2] for reject in found.rejects} == set(BAD) - {".hidden.txt"}


def test_archives_in_folders_are_read(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    write("box/in.zip", zip_of({"a.csv.gz": gzip.compress(FILES["a.csv"])}))
    found = outcome(tmp_path / "box")
    assert [document.source for document in found.documents] == ["box/in.zip/a.csv.gz"] * 2


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:/out.txt"])
@pytest.mark.parametrize("pack", [zip_of, tar_of], ids=["zip", "tar"])
def test_an_archive_that_would_escape_is_refused_whole(
    write: Write, outcome: Outcome, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    suffix = ".zip" if pack is zip_of else ".tar"
    with pytest.raises(UnsafeArchive, match="outside its folder"):
        outcome(write(f"bad{suffix}", pack({"good.txt": b"good", name: b"bad"})))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret", "sub/../../x"])
def test_a_link_that_leads_out_is_refused(write: Write, outcome: Outcome, target: str) -> None:
    with pytest.raises(UnsafeArchive, match="outside"):
        outcome(write("bad.tar", tar_of({"good.txt": b"good"}, links={"link.txt": target})))


def test_a_zip_link_that_leads_out_is_refused(write: Write, outcome: Outcome) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(UnsafeArchive, match="outside"):
        outcome(write("bad.zip", out.getvalue()))


def test_a_link_inside_is_left_out_and_said(write: Write, outcome: Outcome) -> None:
    found = outcome(write("ok.tar", tar_of({"a/good.txt": b"good"}, links={"b/link.txt": "../a/good.txt"})))
    assert found.texts == ["good"]
    assert "link" in found.reasons[0]


def test_a_link_out_of_a_folder_is_not_followed(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    write("secret.txt", b"secret")
    write("box/a.txt", b"open")
    (tmp_path / "box" / "link.txt").symlink_to(tmp_path / "secret.txt")
    found = outcome(tmp_path / "box")
    assert found.texts == ["open"]
    assert "leads out" in found.reasons[0]


LITTLE = Limits(members=3, unpacked=2**20, ratio=20, free=2**16)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.zip", zip_of({"a.txt": b"0" * 2**19})),
        ("bomb.tar.gz", gzip.compress(tar_of({"a.txt": b"0" * 2**19}))),
        ("bomb.txt.gz", gzip.compress(b"0" * 2**19)),
        ("bomb.csv.zst", PACKERS[".zst"](b"id,text\n" + b"1,x\n" * 2**17)),
        ("many.zip", zip_of({f"{n}.txt": b"x" for n in range(4)})),
    ],
)
def test_what_would_explode_is_refused(write: Write, name: str, content: bytes) -> None:
    with pytest.raises(UnsafeArchive):
        list(read(write(name, content), rejects=lambda row: None, limits=LITTLE))


def test_a_bomb_in_a_folder_costs_only_itself(write: Write, tmp_path: Path) -> None:
    write("box/bomb.txt.gz", gzip.compress(b"0" * 2**19))
    write("box/good.txt", b"good")
    rejected: list[object] = []
    found = list(read(tmp_path / "box", rejects=rejected.append, limits=LITTLE))
    assert [document.text for document in found] == ["good"]
    assert len(rejected) == 1


@pytest.mark.parametrize("name", ["cut.zip", "cut.tar.gz", "cut.jsonl.gz"])
def test_what_breaks_off_is_said(write: Write, outcome: Outcome, name: str) -> None:
    lines = b"".join(b'{"id": "%d", "text": "a text"}\n' % n for n in range(200_000))
    whole = {"cut.zip": zip_of({"a.jsonl": lines}), "cut.tar.gz": gzip.compress(tar_of({"a.jsonl": lines}))}
    content = whole.get(name) or gzip.compress(lines)
    path = write(name, content[: len(content) // 2])
    if name == "cut.jsonl.gz":
        found = outcome(path)
        assert len(found.documents) > 1000
        assert "damaged" in found.reasons[-1]
    else:
        with pytest.raises(BadInput, match="damaged"):
            outcome(path)


def test_a_path_that_is_not_there(tmp_path: Path, outcome: Outcome) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.csv"):
        outcome(tmp_path / "nowhere.csv")


def test_ids_used_in_another_file_of_the_folder_are_rejected(write: Write, outcome: Outcome, tmp_path: Path) -> None:
    write("box/a.csv", FILES["a.csv"])
    write("box/b.csv", b"id,text\n2,again\n3,three\n")
    found = outcome(tmp_path / "box")
    assert found.ids == ["1", "2", "3"]
    assert found.reasons == ["id '2' was used before, in box/a.csv line 3"]


def test_a_preview_shows_the_first_rows_and_what_they_would_be(write: Write) -> None:
    path = write("upload-123", b"id,headline,body,when\n1,H,A body,2020-01-01\n2,bad\n3,H3,Another,2021-02\n")
    shown = preview(path, rows=2, name="news.csv")
    assert shown.columns == ("id", "headline", "body", "when")
    assert [row["body"] for row in shown.rows] == ["A body", "Another"]
    assert shown.mapping.columns() == {"id": "id", "title": "headline", "text": "body", "date": "when"}
    assert [row.line for row in shown.rejected] == [3]


def test_a_preview_without_a_text_leaves_it_open(write: Write) -> None:
    assert preview(write("a.csv", b"a,b\n1,2\n")).mapping.text == ""


def test_a_name_says_what_a_nameless_upload_is(write: Write) -> None:
    path = write("tmpfile", gzip.compress(FILES["a.csv"]))
    (first, _) = read(path, rejects=lambda row: None, name="news.csv.gz")
    assert (first.source, first.text) == ("news.csv.gz", "one")
