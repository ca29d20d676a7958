"""What every test may ask for: the shared data, where it is at hand. And which tests may run beside each other."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# No test asserts a time, so neither does Hypothesis; and one revision has one outcome, so that a failure is a change's.
settings.register_profile(
    "trivec", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("trivec")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one folder run in one process, so that what a folder's tests share is started once."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(item.path.parent.relative_to(ROOT))))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the public evaluation sets; skips, naming it, where it is missing."""
    folder = Path(os.environ.get("TRIVEC_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}; set TRIVEC_DATA to run this test")
    return folder
