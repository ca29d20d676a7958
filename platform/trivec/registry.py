"""What the machine has learned: versioned models in MLflow.

Owns model versions, who is champion and why. A folder of safetensors, JSON and NumPy files goes in and gets a
reference (`word2vec:3`); the reference gives the folder back, on any machine that reaches the same MLflow.
"""

import fcntl
import json
import logging
import os
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np

from trivec import __version__
from trivec.errors import BadInput, Broken, Conflict, MissingExtra, NotFound, Unavailable
from trivec.records import ModelVersion, Promotion, Scalar

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion as MlflowVersion
    from mlflow.tracking import MlflowClient

CHAMPION: Final = "champion"
EXPERIMENT: Final = "trivec"
SAFE_FILES: Final = (".safetensors", ".json", ".npy")  # none of them can carry code
_SQLITE: Final = "sqlite:///"
_EVENT: Final = "champion/"  # prefix of the tags that keep every promotion and rollback on record
_MISSING: Final = "RESOURCE_DOES_NOT_EXIST"
_EXISTS: Final = "RESOURCE_ALREADY_EXISTS"
_UNUSABLE: Final = "INVALID_PARAMETER_VALUE"


class Registry:
    """Model versions in MLflow: `sqlite:///...` on one machine, an MLflow server's URL in a deployment.

    Every method raises `Unavailable` when MLflow does not answer and `NotFound` for a model it does not know.

    Args:
        tracking_uri: where MLflow keeps what it knows.
        artefacts: folder of the model files; with a server, the local cache of what was downloaded.
    """

    def __init__(self, tracking_uri: str, artefacts: Path) -> None:
        self._uri = tracking_uri
        self._artefacts = artefacts

    def save(
        self,
        name: str,
        folder: Path,
        *,
        parameters: Mapping[str, Scalar],
        metrics: Mapping[str, float],
        data_hash: str,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Keep a model as the next version of `name`; it is not champion until promoted.

        Args:
            name: of the model; without slash and colon.
            folder: safetensors, JSON and NumPy files only.
            parameters: all it was made with, seeds included.
            metrics: what it reached.
            data_hash: of what it was trained on.
            tags: anything else, to be found by.

        Returns:
            The reference, `name:version`.

        Raises:
            BadInput: an unusable name, or a file that could carry code (a pickle).
        """
        check_files(folder)
        with self._client() as client:
            with _unless(_EXISTS):
                client.create_registered_model(name)
            facts = {"data_hash": data_hash, "code_version": code_version()}
            run_id = client.create_run(self._experiment(client), tags=facts, run_name=name).info.run_id
            for key, value in parameters.items():
                client.log_param(run_id, key, value)
            for key, figure in metrics.items():
                client.log_metric(run_id, key.replace("@", "_at_"), figure)  # MLflow refuses @
            client.log_artifacts(run_id, str(folder), "model")
            client.set_terminated(run_id)
            source = f"{client.get_run(run_id).info.artifact_uri}/model"
            version = client.create_model_version(name, source=source, run_id=run_id, tags=dict(tags or {}))
        reference = f"{name}:{version.version}"
        self.path(reference)  # so that later starts find it without asking MLflow
        return reference

    def path(self, reference: str) -> Path:
        """The local folder of a model version, downloaded at its first use.

        Raises:
            Broken: its files are gone, or one of them could carry code.
        """
        name, version = parse_reference(reference)
        local = self._artefacts / "models" / name / str(version)
        if not local.exists():
            with self._client() as client:
                _fetch(client.get_model_version(name, str(version)).source or "", local, tracking_uri=self._uri)
        return local

    def champion(self, name: str) -> str | None:
        """The reference to use, or None: starting without a champion is normal."""
        if self._is_empty:
            return None
        with self._client() as client:
            version = _champion(client, name)
        return None if version is None else f"{name}:{version}"

    def promote(self, reference: str, *, reason: str) -> None:
        """Make a version champion, with the reason on record.

        Raises:
            BadInput: no reason given.
        """
        if not reason.strip():
            raise BadInput(f"promoting {reference} needs a reason: what was measured, and what it beats")
        name, number = parse_reference(reference)
        with self._client() as client:
            client.get_model_version(name, str(number))
            _crown(client, name, Promotion("promote", number, reason.strip(), datetime.now(UTC)))

    def rollback(self, name: str) -> str:
        """Make the previous champion champion again; rolling back once more goes one further.

        Raises:
            Conflict: there is no earlier champion.
        """
        reigned: list[int] = []
        for event in self.promotions(name):
            if event.action == "rollback":
                reigned.pop()
            elif not reigned or reigned[-1] != event.version:
                reigned.append(event.version)
        if len(reigned) < 2:
            raise Conflict(f"model {name!r} has no earlier champion to roll back to: promote a version instead")
        reason = f"rolled back from {name}:{reigned[-1]}"
        with self._client() as client:
            _crown(client, name, Promotion("rollback", reigned[-2], reason, datetime.now(UTC)))
        return f"{name}:{reigned[-2]}"

    def promotions(self, name: str) -> list[Promotion]:
        """Every change of champion, oldest first."""
        with self._client() as client:
            tags = client.get_registered_model(name).tags
        events = [(key.removeprefix(_EVENT), json.loads(tags[key])) for key in sorted(tags) if key.startswith(_EVENT)]
        return [Promotion(e["action"], e["version"], e["reason"], datetime.fromisoformat(at)) for at, e in events]

    def versions(self, name: str) -> list[ModelVersion]:
        """All versions of a model, newest first."""
        with self._client() as client:
            client.get_registered_model(name)
            champion = _champion(client, name)
            return [_describe(client, v, champion=int(v.version) == champion) for v in _versions(client, name)]

    def names(self) -> list[str]:
        """All models that have been saved, in order."""
        if self._is_empty:
            return []
        with self._client() as client:
            return sorted(model.name for model in client.search_registered_models(max_results=1000))

    @property
    def _is_empty(self) -> bool:
        """Whether nothing was ever saved here, so that asking need not load MLflow or create its database."""
        return self._uri.startswith(_SQLITE) and not Path(self._uri.removeprefix(_SQLITE)).exists()

    @contextmanager
    def _client(self) -> Iterator["MlflowClient"]:
        """MLflow's client; what goes wrong behind it comes out as our errors."""
        client = self._connected
        from mlflow.exceptions import MlflowException

        try:
            yield client
        except MlflowException as failure:
            if failure.error_code == _MISSING:
                raise NotFound(f"{failure.message}; `trivec models list` shows what there is") from failure
            if failure.error_code == _UNUSABLE:
                raise BadInput(f"MLflow does not take this: {failure.message}") from failure
            raise Unavailable(f"MLflow at {self._uri} could not do it: {failure.message}") from failure

    @cached_property
    def _connected(self) -> "MlflowClient":
        return _connect(self._uri)

    def _experiment(self, client: "MlflowClient") -> str:
        """The experiment all our runs belong to; on one machine its files lie in the artefacts folder."""
        if (found := client.get_experiment_by_name(EXPERIMENT)) is not None:
            return str(found.experiment_id)
        local = (self._artefacts.resolve() / "runs").as_uri() if self._uri.startswith(_SQLITE) else None
        with _unless(_EXISTS):
            return str(client.create_experiment(EXPERIMENT, artifact_location=local))
        return self._experiment(client)


def parse_reference(reference: str) -> tuple[str, int]:
    """The name and number in `name:version`.

    >>> parse_reference("word2vec:3")
    ('word2vec', 3)
    """
    name, _, version = reference.rpartition(":")
    if not name or "/" in name or not version.isdecimal():
        raise BadInput(f"{reference!r} is not a model reference: write it as name:version, for example word2vec:3")
    return name, int(version)


def code_version() -> str:
    """Trivec's version, with the commit when it runs from a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):  # no git here
        return __version__
    return f"{__version__}+{run.stdout.strip()}" if run.returncode == 0 else __version__


def check_files(folder: Path) -> None:
    """Refuse a model folder with any file that could carry code when loaded.

    Raises:
        BadInput: naming the file.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if not files:
        raise BadInput(f"{folder} holds no files: there is no model to keep")
    for path in files:
        if path.suffix not in SAFE_FILES:
            raise BadInput(f"{path.name} is not a model file: use {', '.join(SAFE_FILES)}, never a pickle")
        try:
            if path.suffix == ".npy":
                np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError as unsafe:
            raise BadInput(f"{path.name} is not a plain NumPy array, it may hide a pickle: {unsafe}") from unsafe


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


@contextmanager
def _unless(*codes: str) -> Iterator[None]:
    """Go on after the block when MLflow refuses with one of these codes."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as failure:
        if failure.error_code not in codes:
            raise


def _fetch(source: str, local: Path, *, tracking_uri: str) -> None:
    """Put a version's files at `local`, whole or not at all; files on this machine are linked, not copied."""
    from mlflow.artifacts import download_artifacts

    local.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=local.parent, prefix=".fetch-") as temporary:
        inside = Path(temporary) / "model"
        if source.startswith("file://"):
            held = Path(url2pathname(urlsplit(source).path))
            inside.symlink_to(os.path.relpath(held, local.parent.resolve()), target_is_directory=True)
        else:
            held = inside
            inside.mkdir()
            download_artifacts(source, dst_path=str(inside), tracking_uri=tracking_uri)
        try:
            check_files(held)
        except BadInput as unusable:
            raise Broken(f"the model files at {source} cannot be used, train it again: {unusable}") from unusable
        try:
            inside.rename(local)
        except OSError:
            if not local.exists():  # else another process was first
                raise


def _champion(client: "MlflowClient", name: str) -> int | None:
    with _unless(_MISSING, _UNUSABLE):
        return int(client.get_model_version_by_alias(name, CHAMPION).version)
    return None


def _crown(client: "MlflowClient", name: str, event: Promotion) -> None:
    at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    record = {"action": event.action, "version": event.version, "reason": event.reason}
    client.set_registered_model_tag(name, _EVENT + at, json.dumps(record))
    client.set_registered_model_alias(name, CHAMPION, str(event.version))


def _versions(client: "MlflowClient", name: str) -> Iterator["MlflowVersion"]:
    """Newest first."""
    token: str | None = None
    while token != "":
        page = client.search_model_versions(
            f"name = '{name}'", max_results=1000, order_by=["version_number DESC"], page_token=token
        )
        yield from page
        token = page.token or ""


def _describe(client: "MlflowClient", version: "MlflowVersion", *, champion: bool) -> ModelVersion:
    run = client.get_run(version.run_id or "")
    return ModelVersion(
        reference=f"{version.name}:{version.version}",
        name=version.name,
        version=int(version.version),
        created_at=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
        parameters=dict(run.data.params),
        metrics={key.replace("_at_", "@"): value for key, value in run.data.metrics.items()},
        data_hash=run.data.tags.get("data_hash", ""),
        code_version=run.data.tags.get("code_version", ""),
        tags=dict(version.tags),
        champion=champion,
    )
