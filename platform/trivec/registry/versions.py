"""One version of a model as MLflow keeps it: a run with parameters, metrics and curves, and a number."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from trivec.records import Scalar
from trivec.registry.records import ModelVersion

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion as MlflowVersion
    from mlflow.tracking import MlflowClient

_CURVE: Final = "curve/"  # prefix of figures that were taken again and again
_AT, _SAFE_AT = "@", "_at_"  # MLflow refuses @
_BATCH = 1000  # figures that MLflow takes at once

Curves = Mapping[str, Sequence[float]]


def record(
    client: "MlflowClient",
    run_id: str,
    *,
    parameters: Mapping[str, Scalar],
    metrics: Mapping[str, float],
    curves: Curves,
) -> None:
    """Keep what a model was made with, what it reached, and how it got there."""
    from mlflow.entities import Metric, Param

    at = int(time.time() * 1000)
    figures = [Metric(_safe(key), value, at, 0) for key, value in metrics.items()]
    figures += [Metric(_safe(_CURVE + key), v, at, step) for key, line in curves.items() for step, v in enumerate(line)]
    client.log_batch(run_id, params=[Param(key, str(value)) for key, value in parameters.items()])
    for start in range(0, len(figures), _BATCH):
        client.log_batch(run_id, metrics=figures[start : start + _BATCH])


def all_of(client: "MlflowClient", name: str) -> Iterator["MlflowVersion"]:
    """A model's versions, newest first."""
    token: str | None = None
    while token != "":
        page = client.search_model_versions(
            f"name = '{name}'", max_results=1000, order_by=["version_number DESC"], page_token=token
        )
        yield from page
        token = page.token or ""


def describe(client: "MlflowClient", version: "MlflowVersion", *, champion: bool) -> ModelVersion:
    """As the other rooms know it."""
    run = client.get_run(version.run_id or "")
    return ModelVersion(
        reference=f"{version.name}:{version.version}",
        name=version.name,
        version=int(version.version),
        created_at=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
        parameters=dict(run.data.params),
        metrics={_shown(key): figure for key, figure in run.data.metrics.items() if not key.startswith(_CURVE)},
        data_hash=run.data.tags.get("data_hash", ""),
        code_version=run.data.tags.get("code_version", ""),
        tags=dict(version.tags),
        champion=champion,
    )


def curves(client: "MlflowClient", version: "MlflowVersion") -> dict[str, tuple[float, ...]]:
    """Figures that were taken while it was trained, by name, in order."""
    run_id = version.run_id or ""
    keys = sorted(key for key in client.get_run(run_id).data.metrics if key.startswith(_CURVE))
    return {_shown(key.removeprefix(_CURVE)): _line(client, run_id, key) for key in keys}


def _line(client: "MlflowClient", run_id: str, key: str) -> tuple[float, ...]:
    return tuple(each.value for each in sorted(client.get_metric_history(run_id, key), key=lambda one: one.step))


def _safe(key: str) -> str:
    return key.replace(_AT, _SAFE_AT)


def _shown(key: str) -> str:
    return key.replace(_SAFE_AT, _AT)
