"""What jobs of every kind have in common: a folder each, whose name is the job's id, and a file that asks to stop."""

from pathlib import Path

from trivec.services import spool


class JobFolder:
    """A view of a job's folder; cheap to make, holds no state of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def cancelled(self) -> bool:
        """Somebody asked to stop it."""
        return (self.folder / "cancelled").exists()

    def cancel(self) -> None:
        """Asks to stop it."""
        (self.folder / "cancelled").touch()
        spool.sync_folder(self.folder)


def folders(ledger: Path) -> list[Path]:
    """The jobs in a ledger's folder, oldest first; drafts, and what is no job, are left out."""
    if not ledger.is_dir():
        return []
    names = sorted(path.name for path in ledger.iterdir() if not path.name.startswith("."))
    return [ledger / name for name in names if (ledger / name / "job.json").exists()]
