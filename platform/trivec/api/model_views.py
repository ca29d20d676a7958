"""Models, and what a classifier says, as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trivec.api.views import Json
from trivec.errors import Conflict

if TYPE_CHECKING:
    from trivec.registry import ModelVersion, Registry
    from trivec.services.learning import LearningService
    from trivec.services.taxonomy import Classified


def summary(name: str, versions: "Sequence[ModelVersion]") -> Json:
    """As ModelSummary shows it."""
    champion = next((version for version in versions if version.champion), None)
    return {
        "name": name,
        "champion": champion.reference if champion else None,
        "versions": len(versions),
        "latest": versions[0].created_at,
        "metrics": (champion or versions[0]).metrics,
    }


def model(registry: "Registry", learning: "LearningService", name: str) -> Json:
    """As ModelAnswer shows it."""
    versions = registry.versions(name)
    return {
        "name": name,
        "champion": next((version.reference for version in versions if version.champion), None),
        **_way_back(learning, name),
        "versions": [_version(registry, version) for version in versions],
        "decisions": registry.promotions(name),
    }


def classified(found: "Classified") -> Json:
    """As ClassifiedAnswer shows it."""
    said = found.prediction
    return {
        "model": found.model,
        "labels": said.labels,
        "confidence": said.confidence,
        "levels": said.levels,
        "similar": found.similar,
        "took_ms": round(found.took_ms, 3),
    }


def _way_back(learning: "LearningService", name: str) -> Json:
    try:
        return {"can_roll_back": True, "rollback_to": learning.before(name)}
    except Conflict:
        return {"can_roll_back": False, "rollback_to": None}


def _version(registry: "Registry", version: "ModelVersion") -> Json:
    shown = ("reference", "version", "created_at", "champion", "parameters", "metrics")
    facts = ("data_hash", "code_version", "tags")
    told = {field: getattr(version, field) for field in (*shown, *facts)}
    return told | {"curves": registry.curves(version.reference)}
