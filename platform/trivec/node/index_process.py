"""The other process of an index build, seen from the node.

A `Job` in, an `Outcome` out (see `build_index`); in between it can be asked and stopped.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict

from trivec.node.build_index import Job, Outcome
from trivec.node.errors import Internal


class IndexProcess:
    """A running `python -m trivec.node.build_index`."""

    def __init__(self, job: Job) -> None:
        """Start it; what it says goes to unnamed files, so that neither side waits for the other."""
        self._answer = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        self._complaint = tempfile.TemporaryFile()  # noqa: SIM115
        with tempfile.TemporaryFile() as question:
            question.write(json.dumps(asdict(job)).encode())
            question.seek(0)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "trivec.node.build_index"],
                stdin=question,
                stdout=self._answer,
                stderr=self._complaint,
            )

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def outcome(self) -> Outcome:
        """What it built.

        Raises:
            Internal: when it failed; the message ends with what it complained about.
        """
        if self._process.wait():
            self._complaint.seek(0)
            complaint = self._complaint.read().decode(errors="replace").strip()
            raise Internal(f"the index process ended with {self._process.returncode}: {complaint[-500:]}")
        self._answer.seek(0)
        return Outcome(**json.loads(self._answer.read()))

    def close(self) -> None:
        """Stop it if it still runs, and forget it."""
        if not self.done:
            self._process.kill()
            self._process.wait()
        self._answer.close()
        self._complaint.close()
