"""The worker as it is, but documents that say so break it: `poison` raises, `deadly` kills the process."""

import os
import signal
from collections.abc import Sequence
from datetime import datetime

from trivec.records import Document
from trivec.services.passages import Preparation, Prepared
from trivec_workers.app import app

__all__ = ["app"]

_prepare = Preparation.prepare


def _break(self: Preparation, documents: Sequence[Document], *, ingested_at: datetime) -> Prepared:
    for document in documents:
        if "poison" in document.text:
            raise RuntimeError(f"document {document.id} is poisonous")
        if "deadly" in document.text:
            os.kill(os.getpid(), signal.SIGKILL)
    return _prepare(self, documents, ingested_at=ingested_at)


Preparation.prepare = _break  # type: ignore[method-assign]
