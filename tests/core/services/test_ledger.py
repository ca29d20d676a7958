"""The ledger: what is promised is on disk, and the status is what the files say."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trivec.errors import Broken, NotFound
from trivec.records import Document, RejectedRow
from trivec.services import spool
from trivec.services.job import Job
from trivec.services.job_records import Attempts, Counts, Cursor
from trivec.services.ledger import Ledger, status
from trivec.services.spool import document_line


def documents(count: int, *, start: int = 0) -> list[Document]:
    return [Document(f"d{number}", f"text {number}", metadata={"n": number}) for number in range(start, start + count)]


def spooled(job: Job, *sizes: int) -> Cursor:
    cursor = Cursor()
    for size in sizes:
        cursor = job.add_batch(cursor, [document_line(each) for each in documents(size, start=cursor.documents)])
    return cursor


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Ledger(tmp_path).create("news")


def test_a_document_comes_back_as_it_went_in(job: Job) -> None:
    given = Document(
        "ä/1", "two\nlines\u2028three", "t", datetime(1999, 1, 2, tzinfo=UTC), ("a", "b"), "s.csv", {"k": 1, "l": ["x"]}
    )
    job.add_batch(Cursor(), [document_line(given)])
    assert job.documents("000001") == [given]


def test_batches_behind_the_cursor_do_not_exist(job: Job) -> None:
    """A reader that died between the batch and the cursor writes the same batch again."""
    cursor = spooled(job, 2, 3)
    job.set_cursor(Cursor(batches=1, documents=2))
    assert job.pending() == ["000001"]
    job.set_cursor(cursor)
    assert job.pending() == ["000001", "000002"]
    assert [document.id for document in job.spooled()] == ["d0", "d1", "d2", "d3", "d4"]


def test_settling_twice_counts_once(job: Job) -> None:
    spooled(job, 2, 3)
    job.settle("000001", Counts(stored=2))
    job.settle("000001", Counts(skipped=2))
    assert job.pending() == ["000002"]
    assert job.settled() == Counts(stored=2)


def test_a_batch_settled_by_somebody_who_died_before_removing_it_is_not_pending(job: Job) -> None:
    spooled(job, 2)
    kept = (job.folder / "round-0/batches/000001.zst").read_bytes()
    job.settle("000001", Counts(stored=2))
    (job.folder / "round-0/batches/000001.zst").write_bytes(kept)
    assert job.pending() == []


def test_halving_corners_one_document_and_keeps_the_others(job: Job) -> None:
    spooled(job, 5)
    job.set_attempts("000001", Attempts(tries=3, unchanged=("d0",)))
    left, right = job.split("000001")
    assert [each.id for each in job.documents(left)] == ["d0", "d1", "d2"]
    assert job.attempts(right) == Attempts(tries=2, unchanged=("d0",))
    assert job.pending() == [left, right]
    assert job.settled().settled == 0


def test_halving_again_after_a_crash_does_not_bring_back_a_settled_half(job: Job) -> None:
    spooled(job, 4)
    kept = (job.folder / "round-0/batches/000001.zst").read_bytes()
    left, right = job.split("000001")
    job.settle(left, Counts(stored=2))
    (job.folder / "round-0/batches/000001.zst").write_bytes(kept)
    next((job.folder / "round-0/outcomes").glob("000001-*")).unlink()
    job.split("000001")
    assert job.pending() == [right]
    assert job.settled() == Counts(stored=2)


def test_what_was_set_aside_is_tried_in_a_new_round(job: Job) -> None:
    cursor = spooled(job, 1, 2)
    job.set_cursor(Cursor(batches=2, documents=3, complete=True))
    job.set_aside("000001", documents(1)[0], "too odd")
    job.settle("000002", Counts(stored=2))
    job.finish("done")
    assert (status(job).state, status(job).stored, status(job).failed) == ("done", 2, 1)
    assert [entry.reason for entry in job.aside()] == ["too odd"]

    job.reopen(batch_documents=10)
    job.mark_ready()
    again = status(job)
    assert (again.state, again.read, again.stored, again.failed) == ("running", cursor.documents, 2, 0)
    assert [document.id for document in job.spooled()] == ["d0"]
    job.settle("000001", Counts(stored=1))
    job.finish("done")
    assert (status(job).stored, status(job).failed) == (3, 0)
    assert job.aside() == []


def test_a_running_job_has_no_next_round(job: Job) -> None:
    with pytest.raises(Broken, match="still running"):
        job.reopen(batch_documents=10)


def test_finishing_removes_the_documents_and_keeps_the_status(job: Job) -> None:
    spooled(job, 2)
    job.set_cursor(Cursor(batches=1, documents=2, complete=True))
    job.settle("000001", Counts(stored=1, skipped=1))
    job.finish("done", "fine")
    assert not list(job.folder.rglob("*.zst"))
    ended = status(job)
    assert (ended.state, ended.stored, ended.skipped, ended.message) == ("done", 1, 1, "fine")
    assert ended.finished_at is not None


def test_rejects_after_the_cursor_are_written_once(job: Job) -> None:
    rows = [RejectedRow("a.csv", number, "no text") for number in range(3)]
    cursor = job.add_rejects(Cursor(), rows[:2])
    job.add_rejects(cursor, rows[2:])  # and the cursor never got this far
    cursor = job.add_rejects(cursor, rows[2:])
    assert cursor.rejected == 3
    assert len(job.rejects.read_text().splitlines()) == 3


def test_a_claim_excludes_others_and_a_dead_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    code = f"""
import time; from pathlib import Path; from trivec.services import spool
with spool.claim(Path({str(path)!r})) as mine:
    print(mine, flush=True); time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    with holder.stdout:
        assert spool.claimed(path)
        with spool.claim(path, patience=0) as mine:
            assert not mine
        holder.kill()
        holder.wait()
    assert not spool.claimed(path)
    with spool.claim(path) as mine:
        assert mine


def test_a_claim_on_a_file_that_is_gone_fails(tmp_path: Path) -> None:
    with spool.claim(tmp_path / "settled") as mine:
        assert not mine
    assert not spool.claimed(tmp_path / "settled")


def test_a_write_that_breaks_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.write_json(tmp_path / "state.json", {"n": 1})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        spool.write_json(tmp_path / "state.json", {"n": 2})
    assert spool.read_json(tmp_path / "state.json") == {"n": 1}


def test_an_unknown_job_is_named(tmp_path: Path) -> None:
    for wrong in ("nobody", "../news", ".corpora", ""):
        with pytest.raises(NotFound):
            Ledger(tmp_path).job(wrong)


def test_a_job_that_could_not_be_filled_was_never_there(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)

    def broken(_: Job) -> None:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        ledger.create("news", fill=broken)
    assert ledger.jobs() == []
    assert not list(tmp_path.iterdir())


def test_an_adopted_file_moves_into_the_job_and_goes_with_its_end(tmp_path: Path) -> None:
    upload = tmp_path / "upload.csv"
    upload.write_text("text\nhello\n")
    job = Ledger(tmp_path / "jobs").create("news", path=upload, adopt=True)
    assert not upload.exists()
    assert Path(job.manifest.path).read_text() == "text\nhello\n"
    job.finish("done")
    assert not Path(job.manifest.path).exists()


def test_the_pace_says_when_it_will_be_done(job: Job) -> None:
    spooled(job, 10, 10)
    job.set_cursor(Cursor(batches=2, documents=20, complete=True))
    job.mark_ready()
    job.settle("000001", Counts(stored=10))
    time.sleep(0.01)
    under_way = status(job)
    assert under_way.documents_per_second > 0
    assert under_way.seconds_left == pytest.approx(10 / under_way.documents_per_second)


def test_jobs_are_listed_oldest_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    made = []
    for _ in range(3):
        made.append(ledger.create("news").id)
        time.sleep(0.002)
    assert [job.id for job in ledger.jobs()] == made
