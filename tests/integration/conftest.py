"""Redis, the node, a Celery worker and beat: real, and started once per session."""

from collections.abc import Iterator

import pytest

from tests.support.processes import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Stack]:
    """Everything running. A test that kills a part starts it again."""
    home = tmp_path_factory.mktemp("home")
    cache = pytestconfig.cache.mkdir("encoders")  # type: ignore[union-attr]
    (home / "cache").symlink_to(cache)  # converted tables are kept between runs
    stack = Stack(home)
    stack.start()
    yield stack
    stack.stop()
