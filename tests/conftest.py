"""What every test may ask for: the shared data, where it is at hand. And which tests may run beside each other."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]

# No test asserts a time, so neither does Hypothesis; and one revision has one outcome, so that a failure is a change's.
settings.register_profile(
    "trivec", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("trivec")


class ByFolder(LoadScopeScheduling):
    """Tests of one folder run in one process, so that what a folder's tests share is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Which tests run beside each other."""
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folder that takes longest comes first: at the end it would keep one process busy and leave the other idle."""
    items.sort(key=lambda item: "integration" not in item.path.parts)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public evaluation sets; skips, naming it, where it is missing."""
    folder = Path(os.environ.get("TRIVEC_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}; set TRIVEC_DATA to run this test")
    return folder
