"""What the tests of encoders share: the cache of converted models, and texts."""

from pathlib import Path

import pytest

from trivec.records import AnalysedText
from trivec.text.analyser import Analyser


@pytest.fixture(scope="session")
def cache(pytestconfig: pytest.Config) -> Path:
    """Kept between runs: an export takes seconds."""
    folder: Path = pytestconfig.cache.mkdir("encoders")
    return folder


@pytest.fixture(scope="session")
def texts() -> list[AnalysedText]:
    """A few texts of three subjects."""
    return Analyser().analyse(
        [
            "The wing of the aircraft produces lift in supersonic flow.",
            "Boundary layers on a wing separate at high angles of flow.",
            "Stock markets fell sharply as investors sold their shares.",
            "The central bank raised interest rates to calm the markets.",
            "Kittens and dogs play together in the garden.",
        ]
    )
