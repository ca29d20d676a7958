"""How well Trivec sorts texts into a taxonomy: our classifier beside the usual ones, on any set of labelled paths.

Everything is trained and chosen on the data's own training part; the test part is predicted once.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trivec.evaluation import flat_classifiers
from trivec.evaluation.datasets import TaxonomyData, read_taxonomy
from trivec.evaluation.own_services import Say
from trivec.evaluation.result import Comparison, Result
from trivec.learning import taxonomy
from trivec.learning.taxonomy import Encode, Example, TaxonomyModel, TaxonomyOptions
from trivec.learning.taxonomy.examples import split_off
from trivec.metrics.labels import expected_calibration_error, hierarchical_f1, macro_f1, valid_paths
from trivec.metrics.significance import bootstrap_interval, randomisation_test
from trivec.records import Floats2d, Prediction, Scalar

OURS: Final = "trivec"
COMPARED: Final = "whole_path"  # right to the end: the accuracy at the lowest level where all paths are that deep
_SAID_EVERY: Final = 20.0  # seconds
_TIMED: Final = 200  # texts classified one by one

Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """What one variant says of the test texts.

    Attributes:
        paths: to the end, in the order of the texts.
        confidence: of each path, shape (texts,); None where the variant gives none.
        seconds: to train and to predict.
    """

    paths: tuple[Path_, ...]
    confidence: NDArray[np.float64] | None
    seconds: float


def evaluate(
    folder: Path, *, encode: Encode, options: TaxonomyOptions | None = None, say: Say = lambda message: None
) -> Result:
    """Measure classification on one set; needs no running services.

    Args:
        folder: see `datasets.read_taxonomy`.
        encode: makes sentence vectors, the same ones for all variants.
        options: of our classifier.
        say: told what is going on.

    Returns:
        By variant (`trivec, logistic_minilm, logistic_tfidf, hiclass`): `accuracy_level_1` and on, `macro_f1` of the
        whole paths, `hierarchical_f1`, `valid_paths` and `ece`; every baseline compared with trivec.

    Raises:
        BadInput: the folder does not hold such a set, or too little to learn from.
        MissingExtra: torch, scikit-learn or hiclass is not installed.
    """
    started = time.monotonic()
    data = read_taxonomy(folder)
    say("encoding the texts")
    train, test = (encode([example.text for example in part]).values for part in (data.train, data.test))
    encoded = time.monotonic() - started
    ours, details = _ours(data, train, test, encode, options or TaxonomyOptions(), say)
    answers = {OURS: ours}
    held = split_off(data.train, share=0.1, seed=1)
    vectors = flat_classifiers.Features(data.train, data.test, train, test, held)
    for name, baseline in flat_classifiers.BASELINES.items():
        say(name)
        begun = time.monotonic()
        said = baseline(vectors)
        answers[name] = Answers(said.paths, said.confidence, time.monotonic() - begun)
        details |= {f"{name}_chosen": said.chosen}
    right = [example.labels for example in data.test]
    known = {example.labels for example in data.train}
    return Result(
        dataset=data.name,
        capability="taxonomy",
        seconds=time.monotonic() - started,
        results={name: metrics(each, right, known) for name, each in answers.items()},
        comparisons={name: _compared(each, ours, right) for name, each in answers.items() if name != OURS},
        details={
            "train": len(data.train),
            "test": len(data.test),
            "paths": len(known),
            "seconds_encoding": round(encoded, 1),
            **{
                f"{COMPARED}_{name}": round(float(_hits(each.paths, right).mean()), 4) for name, each in answers.items()
            },
            **{f"seconds_{name}": round(each.seconds, 1) for name, each in answers.items()},
            **details,
        },
    )


def metrics(answers: Answers, right: Sequence[Path_], known: set[Path_]) -> dict[str, float]:
    """The figures of one variant."""
    depth = max(map(len, right))
    figures = {f"accuracy_level_{level}": _accuracy(answers.paths, right, level) for level in range(1, depth + 1)}
    figures["macro_f1"] = macro_f1(answers.paths, right)
    figures["hierarchical_f1"] = hierarchical_f1(answers.paths, right)
    figures["valid_paths"] = valid_paths(answers.paths, known)
    if answers.confidence is not None:
        figures["ece"] = expected_calibration_error(answers.confidence, _hits(answers.paths, right) > 0)
    return figures


def _accuracy(given: Sequence[Path_], right: Sequence[Path_], level: int) -> float:
    """Over the texts whose path is that deep."""
    pairs = [(one, other) for one, other in zip(given, right, strict=True) if len(other) >= level]
    return float(np.mean([one[:level] == other[:level] for one, other in pairs]))


def _hits(given: Sequence[Path_], right: Sequence[Path_]) -> NDArray[np.float64]:
    return np.array([float(one == other) for one, other in zip(given, right, strict=True)])


def _compared(theirs: Answers, ours: Answers, right: Sequence[Path_]) -> Comparison:
    """Whole paths right, text by text, theirs less ours."""
    hits, our_hits = _hits(theirs.paths, right), _hits(ours.paths, right)
    interval = bootstrap_interval(hits - our_hits)
    difference = float((hits - our_hits).mean())
    return Comparison(OURS, COMPARED, difference, interval.low, interval.high, randomisation_test(hits, our_hits))


def _ours(
    data: TaxonomyData, train: Floats2d, test: Floats2d, encode: Encode, options: TaxonomyOptions, say: Say
) -> tuple[Answers, dict[str, Scalar]]:
    """Our classifier's whole paths; what it says when it may stop early or decline stands in the details."""
    begun = time.monotonic()
    model = taxonomy.train(data.train, encode=encode, vectors=train, options=options, progress=_progress(say))
    texts = [example.text for example in data.test]
    ends = model.probabilities(texts, vectors=test)
    paths = tuple(model.taxonomy.paths[end] for end in ends.argmax(axis=1))
    answers = Answers(paths, ends.max(axis=1), time.monotonic() - begun)
    partial = model.predict(texts, vectors=test)
    return answers, {
        **{name: round(value, 4) for name, value in model.metrics.items()},
        "tuned": model.tuned is not None,
        "threshold": model.calibration.threshold,
        **_when_unsure(partial, data.test),
        "milliseconds_a_text": round(_milliseconds(model, data.test, test), 2),
    }


def _when_unsure(given: Sequence[Prediction], right: Sequence[Example]) -> dict[str, Scalar]:
    """How often it answers in part or not at all, and how right the labels are that it gives."""
    depths = [len(one.labels) / len(example.labels) for one, example in zip(given, right, strict=True)]
    good = [one.labels == example.labels[: len(one.labels)] for one, example in zip(given, right, strict=True)]
    answered = [hit for hit, one in zip(good, given, strict=True) if one.labels]
    return {
        "answered_whole": round(float(np.mean([depth >= 1 for depth in depths])), 4),
        "answered_partly": round(float(np.mean([0 < depth < 1 for depth in depths])), 4),
        "answers_right": round(float(np.mean(answered)) if answered else 0.0, 4),
    }


def _milliseconds(model: TaxonomyModel, examples: Sequence[Example], vectors: Floats2d) -> float:
    """Median of classifying one text whose sentence vector is there."""
    took = []
    for example, vector in list(zip(examples, vectors, strict=True))[:_TIMED]:
        begun = time.perf_counter()
        model.predict([example.text], vectors=vector[None])
        took.append(time.perf_counter() - begun)
    return float(np.median(took)) * 1000


def _progress(say: Say) -> Callable[[str, float], None]:
    """Says now and then how far the training is."""
    last = 0.0

    def told(doing: str, share: float) -> None:
        nonlocal last
        if time.monotonic() - last > _SAID_EVERY:
            last = time.monotonic()
            say(f"{OURS}: {doing} ({share:.0%})")

    return told
