"""A passage as a Qdrant payload, and back.

`day` (20240131) is derived from `date` so that a date histogram is one facet; the rest is the record itself.
`predicted`, `cell` and `anomaly` are also set on their own, when a classifier, a map or an anomaly model has looked at
it, and `mark` when somebody said what to think of it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from trivec.days import day_number
from trivec.errors import Broken
from trivec.records import Anomaly, MapPlace, Passage, Predicted, StoredPassage


def to_payload(stored: StoredPassage) -> dict[str, Any]:
    """Plain JSON values; what is unknown (date, language) is left out."""
    payload: dict[str, Any] = {
        "document_id": stored.document_id,
        "passage": stored.passage.number,
        "passages": stored.passages,
        "start": stored.passage.start,
        "end": stored.passage.end,
        "title": stored.title,
        "text": stored.passage.text,
        "labels": list(stored.labels),
        "source": stored.source,
        "content_hash": stored.content_hash,
        "ingested_at": stored.ingested_at.isoformat(),
        "metadata": {key: _plain(value) for key, value in stored.metadata.items()},
    }
    if stored.language:
        payload["language"] = stored.language
    if stored.predicted is not None:
        payload["predicted"] = predicted_payload(stored.predicted)
    if stored.place is not None:
        payload["cell"] = cell_payload(stored.place)
    if stored.anomaly is not None:
        payload["anomaly"] = anomaly_payload(stored.anomaly)
    if stored.mark is not None:
        payload["mark"] = stored.mark
    if stored.date is not None:
        payload["date"] = stored.date.isoformat()
        payload["day"] = day_number(stored.date)
    return payload


def from_payload(payload: Mapping[str, Any] | None) -> StoredPassage:
    """The passage a payload holds.

    Raises:
        Broken: the payload was not written by `to_payload`.
    """
    payload = payload or {}
    try:
        return StoredPassage(
            document_id=payload["document_id"],
            passage=Passage(payload["passage"], payload["text"], payload["start"], payload["end"]),
            passages=payload["passages"],
            title=payload["title"],
            date=datetime.fromisoformat(payload["date"]) if payload.get("date") else None,
            labels=tuple(payload["labels"]),
            source=payload["source"],
            content_hash=payload["content_hash"],
            ingested_at=datetime.fromisoformat(payload["ingested_at"]),
            language=payload.get("language", ""),
            metadata=payload["metadata"],
            predicted=_predicted(payload.get("predicted")),
            place=place(payload.get("cell")),
            anomaly=_anomaly(payload.get("anomaly")),
            mark=payload.get("mark"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Broken(f"a stored passage cannot be read ({error!r}): its payload has {sorted(payload)}") from error


def predicted_payload(found: Predicted) -> dict[str, Any]:
    """What the payload holds under `predicted`."""
    return {"labels": list(found.labels), "confidence": found.confidence, "model": found.model}


def cell_payload(found: MapPlace) -> dict[str, Any]:
    """What the payload holds under `cell`."""
    return {
        "number": found.cell,
        "distance": found.distance,
        "x": found.x,
        "y": found.y,
        "model": found.model,
    }


def anomaly_payload(found: Anomaly) -> dict[str, Any]:
    """What the payload holds under `anomaly`."""
    return {"score": found.score, "p_value": found.p_value, "views": dict(found.views), "model": found.model}


def place(fields: Mapping[str, Any] | None) -> MapPlace | None:
    """What `cell_payload` wrote."""
    if not fields:
        return None
    return MapPlace(fields["number"], fields["distance"], fields["x"], fields["y"], fields["model"])


def _anomaly(fields: Mapping[str, Any] | None) -> Anomaly | None:
    return Anomaly(fields["score"], fields["p_value"], fields["views"], fields["model"]) if fields else None


def _predicted(fields: Mapping[str, Any] | None) -> Predicted | None:
    return Predicted(tuple(fields["labels"]), fields["confidence"], fields["model"]) if fields else None


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
