"""`trivec backup` and `trivec restore`: everything that cannot be made again, in one archive.

The archive is a tar with `manifest.json`, a snapshot of each Qdrant collection, the MLflow database, the models and
the ledger of jobs. Copied in the order in which a crash between two steps would be harmless: the ledger before what
its jobs have stored, the models after the collections that name them.
"""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trivec.cli.qdrant_backup import QdrantBackup
    from trivec.settings import Settings

VERSION = 1
_MANIFEST, _MLFLOW, _MODELS, _JOBS, _COLLECTIONS = "manifest.json", "mlflow.db", "models", "jobs", "collections"

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def backup(
    target: Annotated[
        Path | None, typer.Argument(help="A .tar or .tar.gz; trivec-DATE.tar here when left out.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    json: Json = False,
) -> None:
    """Write documents, vectors, feedback, models and jobs into one archive, while everything runs.

    trivec backup /backups/trivec-monday.tar.gz
    """
    from trivec.cli import printing
    from trivec.errors import Conflict

    path = target or Path(f"trivec-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar")
    if path.exists() and not force:
        raise Conflict(f"{path} exists: choose another name, or overwrite it with --force")
    place = _place()
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".trivec-backup-", dir=path.parent) as folder:
        manifest = _collect(place, Path(folder))
        unfinished = Path(folder) / ".archive"
        with tarfile.open(unfinished, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
            for entry in sorted(Path(folder).iterdir()):
                if entry != unfinished:
                    archive.add(entry, arcname=entry.name)
        unfinished.replace(path)
    facts = {"file": str(path), "bytes": path.stat().st_size, "collections": manifest["collections"]}
    if json:
        printing.as_json(facts)
    else:
        printing.line(f"{path}: {len(manifest['collections'])} collections, {path.stat().st_size / 2**20:,.1f} MiB")


def restore(
    source: Annotated[Path, typer.Argument(help="What `trivec backup` wrote.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    json: Json = False,
) -> None:
    """Bring back what a backup holds. Refuses to overwrite collections, models or jobs without --force.

    Qdrant (the node) has to run: start it with `trivec up`, and start that again afterwards.

      trivec restore /backups/trivec-monday.tar.gz
    """
    from trivec.cli import printing

    place = _place()
    place.home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".restore-", dir=place.home) as folder:
        manifest = _unpack(source, Path(folder))
        if not force:
            _refuse_to_overwrite(place, manifest, Path(folder))
        _apply(place, manifest, Path(folder))
    if json:
        printing.as_json({"restored": manifest["collections"], "aliases": manifest["aliases"]})
    else:
        printing.line(f"{source}: {len(manifest['collections'])} collections are back; restart `trivec up` now")


@dataclass(frozen=True)
class Place:
    """Where everything is.

    Attributes:
        qdrant: collections and aliases.
        home: TRIVEC_HOME.
        jobs: the ledger's folder.
        mlflow: the MLflow database, None when a server keeps it.
    """

    qdrant: QdrantBackup
    home: Path
    jobs: Path
    mlflow: Path | None


def _place() -> Place:
    from trivec.cli import context, printing
    from trivec.cli.qdrant_backup import QdrantBackup

    settings = context.settings()
    context.require_services(settings)
    key = settings.qdrant_api_key
    qdrant = QdrantBackup(settings.qdrant_url, api_key=key.get_secret_value() if key else None)
    mlflow = _sqlite_file(settings)
    if mlflow is None:
        printing.note(f"models are kept by {settings.mlflow_uri}: back that up, too")
    return Place(qdrant, settings.home, settings.ledger_folder, mlflow)


def _sqlite_file(settings: Settings) -> Path | None:
    prefix = "sqlite:///"
    return Path(settings.mlflow_uri[len(prefix) :]) if settings.mlflow_uri.startswith(prefix) else None


def _collect(place: Place, folder: Path) -> dict[str, Any]:
    import orjson

    from trivec import __version__
    from trivec.cli import printing

    _copy(place.jobs, folder / _JOBS)
    (folder / _COLLECTIONS).mkdir()
    names, aliases = place.qdrant.collections(), place.qdrant.aliases()
    for number, name in enumerate(names):
        printing.note(f"collection {name}")
        place.qdrant.save(name, folder / _COLLECTIONS / f"{number}.snapshot")
    _copy(place.home / _MODELS, folder / _MODELS)
    if place.mlflow is not None and place.mlflow.exists():
        with closing(sqlite3.connect(place.mlflow)) as live, closing(sqlite3.connect(folder / _MLFLOW)) as copy:
            live.backup(copy)
    now = datetime.now(UTC).isoformat()
    facts = {"version": VERSION, "trivec": __version__, "created_at": now, "collections": names, "aliases": aliases}
    (folder / _MANIFEST).write_bytes(orjson.dumps(facts))
    return facts


def _copy(source: Path, target: Path) -> None:
    """A folder that others go on writing to: what disappears meanwhile is left out."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        copied = target / path.relative_to(source)
        if path.is_dir():
            copied.mkdir(parents=True, exist_ok=True)
            continue
        copied.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy2(path, copied)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    import orjson

    from trivec.errors import BadInput, NotFound

    if not source.is_file():
        raise NotFound(f"there is no {source}")
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = orjson.loads((folder / _MANIFEST).read_bytes())
    except (tarfile.TarError, OSError, EOFError, orjson.JSONDecodeError) as error:
        raise BadInput(f"{source} is no complete backup of Trivec: {error}") from error
    if manifest["version"] != VERSION:
        raise BadInput(
            f"{source} has layout {manifest['version']}, this Trivec reads {VERSION}: use {manifest['trivec']}"
        )
    return manifest


def _refuse_to_overwrite(place: Place, manifest: dict[str, Any], folder: Path) -> None:
    from trivec.errors import Conflict

    there = set(place.qdrant.collections()) | set(place.qdrant.aliases())
    taken = sorted(there & (set(manifest["collections"]) | set(manifest["aliases"])))
    if place.mlflow is not None and place.mlflow.exists() and (folder / _MLFLOW).exists():
        taken.append(str(place.mlflow))
    taken += [str(place.jobs / job.name) for job in _entries(folder / _JOBS) if (place.jobs / job.name).exists()]
    if taken:
        raise Conflict(f"exists already: {', '.join(taken[:10])}; overwrite with --force")


def _apply(place: Place, manifest: dict[str, Any], folder: Path) -> None:
    """Models first, as collections name them; jobs last, as workers take them up at once."""
    _copy(folder / _MODELS, place.home / _MODELS)
    if place.mlflow is not None and (folder / _MLFLOW).exists():
        for leftover in ("-wal", "-shm"):
            place.mlflow.with_name(place.mlflow.name + leftover).unlink(missing_ok=True)
        (folder / _MLFLOW).replace(place.mlflow)
    for number, name in enumerate(manifest["collections"]):
        place.qdrant.load(name, folder / _COLLECTIONS / f"{number}.snapshot")
    place.qdrant.point(manifest["aliases"])
    for job in _entries(folder / _JOBS):
        target = place.jobs / job.name
        if target.is_dir():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(job, target)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
