"""How the parts are started: a real Redis of our own, ports that are taken, machines that are not ours."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from trivec.api import probes
from trivec.cli import parts
from trivec.cli.supervisor import Supervisor
from trivec.cli.up import _check_ports
from trivec.errors import Conflict
from trivec.settings import Settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, redis_url=f"redis://:se%20cret@127.0.0.1:{free_port()}/0")


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(logs=tmp_path / "logs", say=print)
    yield supervisor
    supervisor.stop()


def wait_for(part: parts.Part) -> None:
    for _ in range(200):
        if part.ready() == probes.OK:
            return
        time.sleep(0.05)
    pytest.fail(part.ready())


def test_our_redis_keeps_its_append_only_file_under_home_and_asks_for_the_password(
    settings: Settings, supervisor: Supervisor, tmp_path: Path
) -> None:
    part = parts.redis(settings)
    assert part.ready() != probes.OK
    supervisor.start(part)
    wait_for(part)
    assert list((tmp_path / "redis").rglob("*.aof"))
    open_url = settings.redis_url.get_secret_value().replace(":se%20cret@", "")
    assert "does not answer" in probes.queue(open_url)
    assert "se cret" not in " ".join(part.command)


def test_a_taken_port_is_named_with_the_setting_that_moves_it() -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        part = parts.api(Settings(api_url=f"http://127.0.0.1:{port}"))
        with pytest.raises(Conflict, match=rf"port {port} of the api.*TRIVEC_API_URL=http://127.0.0.1:{port + 1}"):
            _check_ports([part])
    _check_ports([part])


@pytest.mark.parametrize(
    ("url", "ours"),
    [("http://127.0.0.1:6333", True), ("redis://:pw@localhost:1/0", True), ("http://qdrant:6333", False)],
)
def test_parts_on_other_machines_are_left_to_them(url: str, ours: bool) -> None:
    assert parts.is_local(url) is ours
