"""What every learner has in common: it tells how far it is, obeys a stop, and what it learned is a folder of files."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

# Told what is being done and how much of the whole is done, 0 to 1. Raises `Cancelled` when the work is to stop.
Progress = Callable[[str, float], None]


def silent(_doing: str, _share: float) -> None:
    """Progress that nobody watches."""


def part(progress: Progress, begin: float, end: float) -> Progress:
    """Progress of a part of the work, as progress of the whole."""
    return lambda doing, share: progress(doing, begin + share * (end - begin))


@runtime_checkable
class Model(Protocol):
    """Something learned. Its module has a `load(folder)` that gives back a model with exactly the same scores."""

    def save(self, folder: Path) -> None:
        """Write safetensors and JSON files, never pickles, into a folder that exists or is made."""
        ...
