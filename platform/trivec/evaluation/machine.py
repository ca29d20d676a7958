"""What a measurement ran on, kept beside its figures."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from trivec.registry import code_version

_PACKAGES: Final = ("onnxruntime", "qdrant-edge-py", "torch", "sentence-transformers")


def machine() -> dict[str, str | int]:
    """Processor, cores, Python and the packages that decide about speed; load tells whether it was quiet."""
    facts: dict[str, str | int] = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "trivec": code_version(),
    }
    for name in _PACKAGES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            continue
    return facts


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
