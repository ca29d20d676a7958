"""The compose file: it parses, it refuses to start without secrets, and nothing in it is open by default."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAMES = ("TRIVEC_QDRANT_API_KEY", "TRIVEC_REDIS_PASSWORD", "TRIVEC_API_WRITE_KEY", "TRIVEC_API_READ_KEY")
SECRETS = dict.fromkeys(NAMES, "secret")


def compose_config(secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed; infra/system-packages.sh installs it")
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | secrets
    return subprocess.run(["docker-compose", "config"], capture_output=True, text=True, cwd=ROOT, env=environment)


def test_the_compose_file_names_every_process() -> None:
    run = compose_config(SECRETS)
    assert run.returncode == 0, run.stderr
    for service in ("qdrant", "redis", "mlflow", "worker", "learner", "analyst", "beat", "api", "ui"):
        assert f"\n  {service}:\n" in run.stdout


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_the_compose_file_refuses_to_start_without_a_secret(missing: str) -> None:
    run = compose_config({name: value for name, value in SECRETS.items() if name != missing})
    assert run.returncode != 0
    assert missing in run.stderr
