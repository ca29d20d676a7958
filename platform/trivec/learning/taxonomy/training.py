"""Training: examples in, a calibrated classifier out. Every choice is made on the part of the examples held back."""

import hashlib
import json
import math
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from trivec.learning.base import Progress, part
from trivec.learning.taxonomy import calibration, lexical
from trivec.learning.taxonomy.examples import Example, check, split_off
from trivec.learning.taxonomy.model import Encode, Heads, TaxonomyModel
from trivec.learning.taxonomy.network import MarginLoss, PathLoss, WordNetwork
from trivec.learning.taxonomy.options import TaxonomyOptions
from trivec.learning.taxonomy.tree import Taxonomy
from trivec.learning.taxonomy.tuning import Task, tune
from trivec.learning.training.history import Stopping
from trivec.learning.training.loop import Options, fit
from trivec.learning.training.optimisers import Group
from trivec.metrics.labels import expected_calibration_error, macro_f1
from trivec.records import Floats2d

MOST_WEIGHTS = 12_000_000  # of the lexical table: features times nodes
RATE = 0.02
STRENGTH = 1.0  # inverse, of regularisation: the `C` of a support vector machine
MARGIN = 5.0  # what a margin of one means as a difference of log probabilities, until validation says it better
STEPS, MOST_TEXTS = 64, 512  # of an epoch; of a batch: every step moves the whole table, however few texts it saw
FEWEST_STEPS = 300  # a small collection is read more often
MOST_EPOCHS = 60
_WORDS, _TUNING = 0.15, 0.9  # share of the work that is done when the first branch, and the second, is trained


def train(
    examples: Sequence[Example],
    *,
    encode: Encode,
    options: TaxonomyOptions,
    checkpoint: Path | None,
    progress: Progress,
    vectors: Floats2d | None,
) -> TaxonomyModel:
    """See `trivec.learning.taxonomy.train`."""
    check(examples)
    taxonomy = Taxonomy.of([example.labels for example in examples])
    texts = [example.text for example in examples]
    split = split_off(examples, share=options.held_back, seed=options.seed)
    task = Task(texts, np.array([taxonomy.end(example.labels) for example in examples], np.int64), split, taxonomy)
    progress("encoding the examples", 0.0)
    dense = encode(texts).values if vectors is None else vectors
    with _folder(checkpoint) as folder:
        fingerprint = _fingerprint(examples, options)
        words = _words(task, dense, options, encode=encode, progress=part(progress, 0.05, _WORDS))
        model = _with_tuned(words, task, dense, options, folder, fingerprint, part(progress, _WORDS, _TUNING))
        if model.tuned and checkpoint is None:  # the tuned encoder's files go when nobody holds it any more
            weakref.finalize(model.tuned.encoder, shutil.rmtree, folder, ignore_errors=True)
        return _calibrated(model, task, dense)


def _words(
    task: Task, dense: Floats2d, options: TaxonomyOptions, *, encode: Encode, progress: Progress
) -> TaxonomyModel:
    """The first branch: words and sentence vector."""
    nodes = len(task.taxonomy.labels)
    features = lexical.fit([task.texts[row] for row in task.split.train], most=MOST_WEIGHTS // nodes)
    torch.manual_seed(options.seed)
    network = WordNetwork(features.encode(task.texts), dense, task.taxonomy)
    with torch.no_grad():
        network.heads.biases[list(task.taxonomy.ends)] = -1.0  # no path, until something speaks for it
    _learn_margins(network, task, options, progress)
    blank = calibration.Calibration((1.0,), np.zeros(len(task.taxonomy.ends)), 0.0, 0.5)
    table, learned = np.asarray(MARGIN * network.table.detach().numpy(), np.float32), network.heads.arrays()
    heads = Heads(MARGIN * learned.weights, MARGIN * learned.biases)
    return TaxonomyModel(task.taxonomy, features, table, heads, None, blank, encode)


def _learn_margins(network: WordNetwork, task: Task, options: TaxonomyOptions, progress: Progress) -> None:
    ends, learners, held = torch.from_numpy(task.ends), task.split.train, task.split.validation
    loss = MarginLoss(task.taxonomy, decay=0.5 / (STRENGTH * len(learners)))
    likely = PathLoss(task.taxonomy, upper=0.0)
    size = min(max(len(learners) // STEPS, options.batch), MOST_TEXTS)
    epochs = max(options.epochs, math.ceil(FEWEST_STEPS * size / len(learners)))
    fit(
        network,
        groups=(Group("words and sentence", list(network.parameters()), RATE),),
        batches=lambda random: _batches(random.permutation(learners), size),
        loss=lambda rows: loss(network, rows, ends[rows]),
        score=lambda: -likely.end_only(MARGIN * network(held), ends[held]),
        options=Options(stopping=Stopping(min(MOST_EPOCHS, epochs)), seed=options.seed),
        progress=progress,
    )


def _batches(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _with_tuned(
    words: TaxonomyModel,
    task: Task,
    dense: Floats2d,
    options: TaxonomyOptions,
    folder: Path,
    fingerprint: str,
    progress: Progress,
) -> TaxonomyModel:
    """The second branch too, if it lowers the loss on validation by more than luck."""
    if not options.tune:
        return words
    tuned = tune(task, options, folder=folder, fingerprint=fingerprint, progress=progress)
    both = replace(words, tuned=tuned)
    scores, right = _validation_scores(both, task, dense), task.ends[task.split.validation]
    alone = calibration.mixed_losses(scores[:1], right)
    return both if calibration.pays(alone, calibration.mixed_losses(scores, right)) else words


def _calibrated(model: TaxonomyModel, task: Task, dense: Floats2d) -> TaxonomyModel:
    scores, right = _validation_scores(model, task, dense), task.ends[task.split.validation]
    counts = np.bincount(task.ends[task.split.train], minlength=len(task.taxonomy.ends))
    chosen = calibration.calibrate(scores, right, counts, task.taxonomy)
    chances = chosen.probabilities(scores)
    given = chances.argmax(axis=1)
    metrics = {
        "validation_examples": float(len(right)),
        "validation_accuracy": float((given == right).mean()),
        "validation_macro_f1": macro_f1(given.tolist(), right.tolist()),
        "validation_ece": expected_calibration_error(chances.max(axis=1), given == right),
    }
    return replace(model, calibration=chosen, metrics=metrics)


def _validation_scores(model: TaxonomyModel, task: Task, dense: Floats2d) -> list[NDArray[np.float64]]:
    held = task.split.validation
    return model.scores([task.texts[row] for row in held], vectors=dense[held])


@contextmanager
def _folder(checkpoint: Path | None) -> Iterator[Path]:
    """Where to work: the folder given, which stays, or one that goes when the training fails."""
    if checkpoint is not None:
        checkpoint.mkdir(parents=True, exist_ok=True)
        yield checkpoint
        return
    folder = Path(tempfile.mkdtemp(prefix="trivec-taxonomy-"))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fingerprint(examples: Sequence[Example], options: TaxonomyOptions) -> str:
    rows = [[example.text, example.labels] for example in examples]
    return hashlib.sha256(json.dumps([rows, asdict(options)]).encode()).hexdigest()
