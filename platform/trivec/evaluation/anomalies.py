"""How well Trivec tells anomalies from normal texts, beside nearest neighbours and PyOD's detectors on MiniLM.

Everything is learned from the data's own normal texts, nothing is chosen on the test part, which is scored once.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.errors import MissingExtra
from trivec.evaluation.datasets import AnomalyData, read_anomalies
from trivec.evaluation.own_services import Say
from trivec.evaluation.result import Comparison, Result
from trivec.learning import anomalies
from trivec.learning.anomalies import AnomalyModel, AnomalyOptions, Texts
from trivec.learning.anomalies.conformal import Calibration
from trivec.learning.anomalies.detectors import fit_detector
from trivec.metrics.detection import auprc, auroc, auroc_difference, auroc_p, false_alarms
from trivec.records import DenseVectors, Floats2d, Scalar

OURS: Final = "trivec"
BASELINES: Final = ("knn_bert", "knn_tfidf")  # what ours is held against
DETECTORS: Final = ("lof", "lunar", "ecod", "iforest", "autoencoder")  # of PyOD, on sentence vectors
NEIGHBOURS: Final = 20  # of the baselines and of PyOD's detectors
LEVEL: Final = 0.05

Encode = Callable[[list[str]], DenseVectors]
Floats = NDArray[np.float64]  # (texts,)


@dataclass(frozen=True)
class Answers:
    """What one variant says of the test texts.

    Attributes:
        scores: higher is odder, shape (texts,).
        p_values: conformal, shape (texts,).
        seconds: to learn and to score.
    """

    scores: Floats
    p_values: Floats
    seconds: float


def evaluate(
    folder: Path,
    *,
    encode: Encode,
    options: AnomalyOptions | None = None,
    detectors: tuple[str, ...] = DETECTORS,
    say: Say = lambda message: None,
) -> Result:
    """Measure anomaly detection on one set; needs no running services.

    Args:
        folder: see `datasets.read_anomalies`.
        encode: makes sentence vectors, the same ones for all variants.
        options: of our model.
        detectors: of PyOD, to measure as well.
        say: told what is going on.

    Returns:
        By variant (`trivec, knn_bert, knn_tfidf` and PyOD's detectors on MiniLM): `auroc`, `auprc`, and
        `false_alarms@0.05`, the share of normal test texts with p <= .05. Comparisons are of AUROC, theirs less ours.

    Raises:
        BadInput: the folder does not hold such a set, or too few texts.
        MissingExtra: PyOD, scikit-learn or torch is not installed.
    """
    started = time.monotonic()
    data = read_anomalies(folder)
    say("encoding the texts")
    train, test = (encode(list(part)).values for part in (data.train, data.test))
    answers: dict[str, Answers] = {}
    details: dict[str, Scalar] = {"seconds_encoding": round(time.monotonic() - started, 1)}
    say(OURS)
    answers[OURS], ours = _ours(data, train, test, options or AnomalyOptions())
    details |= ours
    for name, baseline in _variants(data, train, test, detectors).items():
        say(name)
        answers[name] = _timed(baseline)
    truth = np.array(data.anomalies, np.bool_)
    return Result(
        dataset=data.name,
        capability="anomalies",
        seconds=time.monotonic() - started,
        results={name: metrics(each, truth) for name, each in answers.items()},
        comparisons={name: _compared(each, answers[OURS], truth) for name, each in answers.items() if name != OURS},
        details={
            "train": len(data.train),
            "test": len(data.test),
            "anomalies": int(truth.sum()),
            "neighbours_of_baselines": NEIGHBOURS,
            **{f"seconds_{name}": round(each.seconds, 1) for name, each in answers.items()},
            **details,
        },
    )


def metrics(answers: Answers, truth: NDArray[np.bool_]) -> dict[str, float]:
    """The figures of one variant."""
    return {
        "auroc": auroc(answers.scores, truth),
        "auprc": auprc(answers.scores, truth),
        f"false_alarms@{LEVEL}": false_alarms(answers.p_values, truth, level=LEVEL),
    }


def _compared(theirs: Answers, ours: Answers, truth: NDArray[np.bool_]) -> Comparison:
    interval = auroc_difference(theirs.scores, ours.scores, truth)
    difference = auroc(theirs.scores, truth) - auroc(ours.scores, truth)
    p = auroc_p(theirs.scores, ours.scores, truth)
    return Comparison(OURS, "auroc", difference, interval.low, interval.high, p)


def _ours(
    data: AnomalyData, train: Floats2d, test: Floats2d, options: AnomalyOptions
) -> tuple[Answers, dict[str, Scalar]]:
    begun = time.monotonic()
    ids = [str(row) for row in range(len(data.train))]
    model = anomalies.train(ids, Texts(data.train, {options.vector: train}), options=options)
    learned = time.monotonic()
    judged = model.judge(Texts(data.test, {options.vector: test}))
    ended = time.monotonic()
    return Answers(judged.scores, judged.p_values, ended - begun), {
        **_views(model, data, test),
        **{name: round(value, 4) for name, value in model.metrics.items()},
        "milliseconds_a_text": round((ended - learned) * 1000 / len(data.test), 3),
    }


def _views(model: AnomalyModel, data: AnomalyData, test: Floats2d) -> dict[str, Scalar]:
    """How each view alone would have done."""
    truth = np.array(data.anomalies, np.bool_)
    raw = model.raw(Texts(data.test, {model.options.vector: test}))
    return {f"auroc_of_{name}": round(auroc(scores, truth), 4) for name, scores in raw.items()}


def _variants(
    data: AnomalyData, train: Floats2d, test: Floats2d, detectors: tuple[str, ...]
) -> Mapping[str, Callable[[], tuple[Floats, Floats]]]:
    """By name, what gives held-out scores of the training texts and scores of the test texts."""

    def pyod(name: str) -> Callable[[], tuple[Floats, Floats]]:
        def run() -> tuple[Floats, Floats]:
            detector = fit_detector(name, train, neighbours=NEIGHBOURS, seed=1)
            return detector.held_out, detector.score(test)

        return run

    others = {name: pyod(name) for name in detectors}
    return {"knn_bert": pyod("knn"), "knn_tfidf": lambda: _knn_tfidf(data), **others}


def _timed(baseline: Callable[[], tuple[Floats, Floats]]) -> Answers:
    begun = time.monotonic()
    held_out, scores = baseline()
    return Answers(scores, Calibration.of(held_out).p_values(scores), time.monotonic() - begun)


def _knn_tfidf(data: AnomalyData) -> tuple[Floats, Floats]:
    """1 - mean TF-IDF cosine with the nearest training texts."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.neighbors import NearestNeighbors
    except ImportError as missing:
        raise MissingExtra("scikit-learn", "evaluation") from missing
    vectorizer = TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")  # noqa: S106
    table = vectorizer.fit_transform(data.train)
    near = NearestNeighbors(n_neighbors=NEIGHBOURS, metric="cosine", algorithm="brute").fit(table)
    held_out, _ = near.kneighbors()
    scores, _ = near.kneighbors(vectorizer.transform(data.test))
    return held_out.mean(axis=1), scores.mean(axis=1)
