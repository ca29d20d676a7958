"""The registry: model versions saved, found again, promoted, refused and rolled back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trivec.errors import Conflict
from trivec.records import Scalar
from trivec.registry import champions, versions
from trivec.registry.connection import EXISTS, Connection, unless
from trivec.registry.files import check_files, fetch
from trivec.registry.records import ModelVersion, Promotion
from trivec.registry.references import code_version, parse_reference

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT: Final = "trivec"


class Registry:
    """Model versions in MLflow: `sqlite:///...` on one machine, an MLflow server's URL in a deployment.

    Every method raises `Unavailable` when MLflow does not answer and `NotFound` for a model it does not know.

    Args:
        tracking_uri: where MLflow keeps what it knows.
        artefacts: folder of the model files; with a server, the local cache of what was downloaded.
    """

    def __init__(self, tracking_uri: str, artefacts: Path) -> None:
        self._connection = Connection(tracking_uri)
        self._artefacts = artefacts

    def save(
        self,
        name: str,
        folder: Path,
        *,
        parameters: Mapping[str, Scalar],
        metrics: Mapping[str, float],
        data_hash: str,
        curves: versions.Curves | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Keep a model as the next version of `name`; it is not champion until promoted.

        Args:
            name: of the model; without slash and colon.
            folder: files that can carry no code only; see `files.SAFE_FILES`.
            parameters: all it was made with, seeds included.
            metrics: what it reached.
            data_hash: of what it was trained on.
            curves: figures taken while it was trained, one per epoch or step, by name.
            tags: anything else, to be found by.

        Returns:
            The reference, `name:version`.

        Raises:
            BadInput: an unusable name, or a file that could carry code (a pickle).
        """
        check_files(folder)
        with self._connection.client() as client:
            with unless(EXISTS):
                client.create_registered_model(name)
            facts = {"data_hash": data_hash, "code_version": code_version()}
            run_id = client.create_run(self._experiment(client), tags=facts, run_name=name).info.run_id
            versions.record(client, run_id, parameters=parameters, metrics=metrics, curves=curves or {})
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
            with self._connection.client() as client:
                source = client.get_model_version(name, str(version)).source or ""
                fetch(source, local, tracking_uri=self._connection.uri)
        return local

    def champion(self, name: str) -> str | None:
        """The reference to use, or None: starting without a champion is normal."""
        if self._connection.is_empty:
            return None
        with self._connection.client() as client:
            version = champions.champion(client, name)
        return None if version is None else f"{name}:{version}"

    def promote(self, reference: str, *, reason: str) -> None:
        """Make a version champion, with the reason on record.

        Raises:
            BadInput: no reason given.
        """
        name, number = parse_reference(reference)
        why = champions.given(reason, action=f"promoting {reference}")
        with self._connection.client() as client:
            client.get_model_version(name, str(number))
            champions.crown(client, name, Promotion("promote", number, why, datetime.now(UTC)))

    def refuse(self, reference: str, *, reason: str) -> None:
        """Put on record that a version was not made champion, and why; the champion stays.

        Raises:
            BadInput: no reason given.
        """
        name, number = parse_reference(reference)
        why = champions.given(reason, action=f"refusing {reference}")
        with self._connection.client() as client:
            client.get_model_version(name, str(number))
            champions.note(client, name, Promotion("refuse", number, why, datetime.now(UTC)))

    def rollback(self, name: str) -> str:
        """Make the previous champion champion again; rolling back once more goes one further.

        Raises:
            Conflict: there is no earlier champion; the first one is withdrawn instead.
        """
        decisions = self.promotions(name)
        number = champions.previous(name, decisions)
        if number is None:
            raise Conflict(f"model {name!r} has no earlier champion to roll back to: promote a version instead")
        now = champions.reigned(decisions)[-1]
        with self._connection.client() as client:
            event = Promotion("rollback", number, f"rolled back from {name}:{now}", datetime.now(UTC))
            champions.crown(client, name, event)
        return f"{name}:{number}"

    def withdraw(self, name: str) -> None:
        """Leave the model without a champion, as it was before its first.

        Raises:
            Conflict: there is no champion.
        """
        decisions = self.promotions(name)
        champions.previous(name, decisions)
        event = Promotion("withdraw", champions.reigned(decisions)[-1], "nobody was champion before", datetime.now(UTC))
        with self._connection.client() as client:
            champions.dethrone(client, name, event)

    def previous(self, name: str) -> str | None:
        """The reference that `rollback` would make champion; None where the champion is the first.

        Raises:
            Conflict: there is no champion.
        """
        number = champions.previous(name, self.promotions(name))
        return None if number is None else f"{name}:{number}"

    def promotions(self, name: str) -> list[Promotion]:
        """Every decision about the champion (promotions, refusals, rollbacks), oldest first."""
        with self._connection.client() as client:
            return champions.events(client.get_registered_model(name).tags)

    def versions(self, name: str) -> list[ModelVersion]:
        """All versions of a model, newest first."""
        with self._connection.client() as client:
            client.get_registered_model(name)
            best = champions.champion(client, name)
            found = versions.all_of(client, name)
            return [versions.describe(client, each, champion=int(each.version) == best) for each in found]

    def curves(self, reference: str) -> dict[str, tuple[float, ...]]:
        """What was kept of a version's training: figures by name, in order; empty where nothing was."""
        name, number = parse_reference(reference)
        with self._connection.client() as client:
            return versions.curves(client, client.get_model_version(name, str(number)))

    def names(self) -> list[str]:
        """All models that have been saved, in order."""
        if self._connection.is_empty:
            return []
        with self._connection.client() as client:
            return sorted(model.name for model in client.search_registered_models(max_results=1000))

    def _experiment(self, client: "MlflowClient") -> str:
        """The experiment all our runs belong to; on one machine its files lie in the artefacts folder."""
        if (found := client.get_experiment_by_name(EXPERIMENT)) is not None:
            return str(found.experiment_id)
        local = (self._artefacts.resolve() / "runs").as_uri() if self._connection.local else None
        with unless(EXISTS):
            return str(client.create_experiment(EXPERIMENT, artifact_location=local))
        return self._experiment(client)
