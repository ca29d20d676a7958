"""The way to MLflow: loaded quietly and late, its database made by one process, its failures told as ours."""

import fcntl
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trivec.errors import BadInput, MissingExtra, NotFound, Unavailable

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

MISSING: Final = "RESOURCE_DOES_NOT_EXIST"
EXISTS: Final = "RESOURCE_ALREADY_EXISTS"
UNUSABLE: Final = "INVALID_PARAMETER_VALUE"
_SQLITE: Final = "sqlite:///"


class Connection:
    """To one MLflow; nothing is loaded, created or asked before its first use.

    Args:
        uri: `sqlite:///...` on one machine, a server's URL in a deployment.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri

    @property
    def local(self) -> bool:
        """Whether it is a database on this machine."""
        return self.uri.startswith(_SQLITE)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever saved here, so that asking need not load MLflow or create its database."""
        return self.local and not Path(self.uri.removeprefix(_SQLITE)).exists()

    @contextmanager
    def client(self) -> Iterator["MlflowClient"]:
        """MLflow's client; what goes wrong behind it comes out as our errors."""
        client = self._connected
        from mlflow.exceptions import MlflowException

        try:
            yield client
        except MlflowException as failure:
            if failure.error_code == MISSING:
                raise NotFound(f"{failure.message}; `trivec models list` shows what there is") from failure
            if failure.error_code == UNUSABLE:
                raise BadInput(f"MLflow does not take this: {failure.message}") from failure
            raise Unavailable(f"MLflow at {self.uri} could not do it: {failure.message}") from failure

    @cached_property
    def _connected(self) -> "MlflowClient":
        return _connect(self.uri)


@contextmanager
def unless(*codes: str) -> Iterator[None]:
    """Go on after the block when MLflow refuses with one of these codes."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as failure:
        if failure.error_code not in codes:
            raise


def _connect(uri: str) -> "MlflowClient":
    """Load MLflow quietly; a new sqlite database is created by one process (some seconds) while the others wait."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")  # its default waits for minutes
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The ``noload`` loader strategy", category=DeprecationWarning)
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as missing:
            raise MissingExtra("mlflow-skinny", "registry") from missing
        for chatty in ("mlflow.store.db.utils", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        if not uri.startswith(_SQLITE):
            return MlflowClient(tracking_uri=uri, registry_uri=uri)
        database = Path(uri.removeprefix(_SQLITE))
        database.parent.mkdir(parents=True, exist_ok=True)
        with Path(f"{database}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # released on close; MLflow's own lock leaves its migrations uncovered
            if not database.exists():  # made aside, so that a crash leaves no half-made one
                unfinished = Path(f"{database}.new")
                unfinished.unlink(missing_ok=True)
                MlflowClient(tracking_uri=f"{_SQLITE}{unfinished}").search_registered_models(max_results=1)
                unfinished.rename(database)
            return MlflowClient(tracking_uri=uri, registry_uri=uri)
