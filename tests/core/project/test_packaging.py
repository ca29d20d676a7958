"""What the layout promises: no room hides a standard module, and nothing heavy is imported before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = {"torch", "gensim", "mlflow", "spacy", "onnxruntime", "sentence_transformers", "pandas", "pyarrow", "streamlit"}


def modules_after(statement: str) -> set[str]:
    """Names of the top-level modules that a fresh interpreter holds after `statement`."""
    script = f"{statement}\nimport sys\nprint('\\n'.join({{name.partition('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("root", ["platform", "workers", "ui"])
def test_a_source_root_is_no_package(root: str) -> None:
    assert not (ROOT / root / "__init__.py").exists()


def test_the_standard_platform_module_is_not_hidden() -> None:
    script = "import platform; print(platform.python_version())"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.startswith("3.")


@pytest.mark.parametrize("statement", ["import trivec", "import trivec.cli.app", "import trivec.jobs"])
def test_heavy_libraries_wait_until_they_are_needed(statement: str) -> None:
    assert modules_after(statement) & HEAVY == set()
