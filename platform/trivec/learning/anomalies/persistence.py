"""An anomaly model as files: JSON and safetensors, never pickles."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from trivec.errors import Broken
from trivec.learning.anomalies.detectors import Detector, Relative, fit_detector
from trivec.learning.anomalies.form import Form
from trivec.learning.anomalies.model import AnomalyModel
from trivec.learning.anomalies.neighbours import Relative as Neighbours
from trivec.learning.anomalies.options import AnomalyOptions
from trivec.learning.anomalies.spelling import Spelling
from trivec.learning.anomalies.words import Words
from trivec.records import Floats2d

_FORMAT = 1
_FACTS, _ARRAYS = "anomalies.json", "anomalies.safetensors"


def save(model: AnomalyModel, folder: Path) -> None:
    """Write a model, without what people marked: that is kept with their texts."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    arrays = model.words.save(folder) | model.form.arrays() | model.spelling.arrays()
    arrays |= {f"table.{name}": table for name, table in model.tables.items()}
    arrays |= {f"held_out.{name}": scores for name, scores in model.held_out.items()}
    for name, detector in model.dense.items():
        if isinstance(detector, Relative):
            arrays[f"spread.{name}"] = detector.model.spread
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / _ARRAYS)
    facts = {
        "format": _FORMAT,
        "options": asdict(model.options),
        "ids": model.ids,
        "weights": dict(model.weights),
        "metrics": dict(model.metrics),
        "neighbours": {n: d.model.neighbours for n, d in model.dense.items() if isinstance(d, Relative)},
    }
    (folder / _FACTS).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> AnomalyModel:
    """Open what `save` wrote; it scores as the saved one did.

    Raises:
        Broken: files are missing or unreadable.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
        arrays = load_file(folder / _ARRAYS)
        options = AnomalyOptions(**facts["options"])
        tables = {name.removeprefix("table."): array for name, array in arrays.items() if name.startswith("table.")}
        held_out = {name.removeprefix("held_out."): array for name, array in arrays.items() if "held_out." in name}
        return AnomalyModel(
            options=options,
            ids=tuple(facts["ids"]),
            tables=tables,
            dense={name: _detector(name, table, arrays, facts, options) for name, table in tables.items()},
            words=Words.load(folder, arrays),
            form=Form.load(arrays),
            spelling=Spelling.load(arrays),
            held_out=held_out,
            weights=facts["weights"],
            metrics=facts["metrics"],
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise Broken(f"no anomaly model in {folder}: {error!r}") from error


def _detector(
    name: str,
    table: Floats2d,
    arrays: Mapping[str, Floats2d],
    facts: Mapping[str, dict[str, int]],
    options: AnomalyOptions,
) -> Detector:
    if name in facts["neighbours"]:
        known = Neighbours(table, arrays[f"spread.{name}"], facts["neighbours"][name])
        return Relative(known, np.asarray(arrays[f"held_out.{name}"], np.float64))
    return fit_detector(options.detector, table, neighbours=options.neighbours, seed=options.seed)
