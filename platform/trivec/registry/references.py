"""What a version is called, and which code made it."""

import subprocess
from pathlib import Path

from trivec import __version__
from trivec.errors import BadInput


def parse_reference(reference: str) -> tuple[str, int]:
    """The name and number in `name:version`.

    >>> parse_reference("word2vec:3")
    ('word2vec', 3)
    """
    name, _, version = reference.rpartition(":")
    if not name or "/" in name or not version.isdecimal():
        raise BadInput(f"{reference!r} is not a model reference: write it as name:version, for example word2vec:3")
    return name, int(version)


def code_version() -> str:
    """Trivec's version, with the commit when it runs from a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):  # no git here
        return __version__
    return f"{__version__}+{run.stdout.strip()}" if run.returncode == 0 else __version__
