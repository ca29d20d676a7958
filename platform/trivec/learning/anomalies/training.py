"""Training: texts in, a calibrated model out. A corpus may itself hold anomalies: the plainest are left out."""

from collections.abc import Sequence

import numpy as np

from trivec.errors import BadInput
from trivec.learning.anomalies import form, spelling, words
from trivec.learning.anomalies.base import Rows, Texts
from trivec.learning.anomalies.detectors import Detector, Relative, fit_detector
from trivec.learning.anomalies.model import WRITING, AnomalyModel
from trivec.learning.anomalies.options import AnomalyOptions
from trivec.learning.anomalies.weights import OTHERS, meaning_weight, topic_separation
from trivec.learning.base import Progress, silent

FEWEST = 50  # texts: with fewer, p-values are too coarse to say anything
_TRIMMED = 0.05  # at most this share of the texts


def train(
    ids: Sequence[str], batch: Texts, *, options: AnomalyOptions | None = None, progress: Progress = silent
) -> AnomalyModel:
    """Learn what is normal; the same texts, options and seed give the same model.

    Args:
        ids: of the texts.
        batch: normal texts, mostly, with their vectors.
        options: how to learn.
        progress: told what is being done; may raise `Cancelled`.

    Raises:
        BadInput: too few texts, no such vector or detector.
        MissingExtra: PyOD or scikit-learn is not installed.
        Cancelled: by `progress`.
    """
    chosen = options or AnomalyOptions()
    _check(batch, chosen)
    drawn = np.random.default_rng(chosen.seed).permutation(len(batch))[: chosen.reference]
    rows = np.sort(drawn)
    model = _learn(ids, batch, rows, chosen, progress)
    if chosen.trim and (kept := _plain(model, rows)) is not rows:
        progress("learning again without the plainest anomalies", 0.5)
        model = _learn(ids, batch, kept, chosen, progress)
    return model


def _learn(ids: Sequence[str], batch: Texts, rows: Rows, options: AnomalyOptions, progress: Progress) -> AnomalyModel:
    normal = batch.some(rows)
    relative = {}
    for name, table in normal.vectors.items():
        progress(f"learning where {name} vectors lie", 0.1)
        relative[name] = Relative.fit(table, options.neighbours)
    siblings = relative[options.vector].siblings
    dense: dict[str, Detector] = {**relative, options.vector: _decisive(normal, relative[options.vector], options)}
    progress("learning words, form and spelling", 0.3)
    seen, word_scores = words.fit(normal.texts, siblings=siblings, seed=options.seed)
    written, form_scores = form.fit(normal.texts, seed=options.seed)
    spelt, spelling_scores = spelling.fit(normal.texts, siblings=siblings, seed=options.seed)
    table = normal.vectors[options.vector]
    weight = meaning_weight(table, neighbours=options.neighbours, seed=options.seed)
    scores = dict(zip(WRITING, (word_scores, form_scores, spelling_scores), strict=True))
    return AnomalyModel(
        options=options,
        ids=tuple(ids[row] for row in rows),
        tables=normal.vectors,
        dense=dense,
        words=seen,
        form=written,
        spelling=spelt,
        held_out={name: detector.held_out for name, detector in dense.items()} | scores,
        weights={options.vector: weight, **OTHERS},
        metrics={
            "normal_texts": float(len(rows)),
            "trimmed_texts": float(min(len(batch), options.reference) - len(rows)),
            "meaning_weight": weight,
            "topic_separation": topic_separation(table, neighbours=options.neighbours, seed=options.seed),
        },
    )


def _decisive(normal: Texts, relative: Relative, options: AnomalyOptions) -> Detector:
    """The detector that was asked for, of the vector that counts."""
    if options.detector == "relative":
        return relative
    table = normal.vectors[options.vector]
    return fit_detector(options.detector, table, neighbours=options.neighbours, seed=options.seed)


def _plain(model: AnomalyModel, rows: Rows) -> Rows:
    """Rows without those that nothing but chance of one in ten could have drawn among as many normal texts.

    By the sum of surprises, whose tail is taken to be exponential; normal collections lose next to nothing.
    """
    surprise = model.calibration.surprise(model._sum(model.held_out))
    odd = surprise > np.log(10 * len(rows))
    if not odd.any():
        return rows
    worst = np.argsort(-surprise, kind="stable")[: int(_TRIMMED * len(rows))]
    return np.sort(np.delete(rows, worst[odd[worst]]))


def _check(batch: Texts, options: AnomalyOptions) -> None:
    if len(batch) < FEWEST:
        raise BadInput(f"{len(batch)} texts are too few to say what is usual: give {FEWEST} at least, better thousands")
    if options.vector not in batch.vectors:
        raise BadInput(f"there is no vector {options.vector!r}: choose one of {', '.join(batch.vectors) or 'none'}")
    if options.neighbours < 1 or options.reference < FEWEST:
        raise BadInput(f"neighbours={options.neighbours}, reference={options.reference}: give 1 and {FEWEST} at least")
