"""The classifiers that ours is held against: logistic regression on two kinds of features, and the package hiclass.

Each chooses its strength of regularisation (hiclass its features too) on examples held back from training, then learns
from all of them.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.errors import MissingExtra
from trivec.learning.taxonomy import Example
from trivec.learning.taxonomy.examples import Split
from trivec.records import Floats2d

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Rows = NDArray[np.int64]
Matrix = Floats2d | csr_array  # (texts, features)

STRENGTHS: Final = (1.0, 10.0, 100.0)  # inverse, of regularisation
_ITERATIONS: Final = 200


@dataclass(frozen=True)
class Said:
    """What a baseline says of the test texts.

    Attributes:
        paths: root first.
        confidence: of each path, shape (texts,), None where there is none.
        chosen: what it chose on the examples held back.
    """

    paths: tuple[tuple[str, ...], ...]
    confidence: NDArray[np.float64] | None
    chosen: str


@dataclass(frozen=True)
class Features:
    """Texts with their paths, their sentence vectors, and which training texts choose."""

    train: Sequence[Example]
    test: Sequence[Example]
    train_vectors: Floats2d
    test_vectors: Floats2d
    held: Split

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The paths there are, sorted."""
        return tuple(sorted({example.labels for example in self.train}))

    @cached_property
    def ends(self) -> Rows:
        """Which path each training text has, shape (texts,)."""
        rows = {path: row for row, path in enumerate(self.paths)}
        return np.array([rows[example.labels] for example in self.train], np.int64)

    @cached_property
    def tfidf(self) -> tuple[csr_array, csr_array]:
        """TF-IDF of words and word pairs, of training and test texts."""
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as missing:
            raise MissingExtra("scikit-learn", "evaluation") from missing
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=r"(?u)\b\w+\b")  # noqa: S106
        train = vectorizer.fit_transform([example.text for example in self.train])
        return csr_array(train), csr_array(vectorizer.transform([example.text for example in self.test]))


def logistic_minilm(features: Features) -> Said:
    """Flat logistic regression on sentence vectors."""
    return _logistic(features, features.train_vectors, features.test_vectors)


def logistic_tfidf(features: Features) -> Said:
    """Flat logistic regression on TF-IDF."""
    return _logistic(features, *features.tfidf)


def hiclass(features: Features) -> Said:
    """A logistic regression at every inner node of the tree (local classifier per parent node)."""
    try:
        from hiclass import LocalClassifierPerParentNode
    except ImportError as missing:
        raise MissingExtra("hiclass", "evaluation") from missing
    depth = max(map(len, features.paths))
    padded = np.array([[*example.labels, *[""] * (depth - len(example.labels))] for example in features.train], object)
    inputs: Mapping[str, tuple[Matrix, Matrix]] = {
        "minilm": (features.train_vectors, features.test_vectors),
        "tfidf": features.tfidf,
    }

    def predict(train: Matrix, labels: NDArray[np.object_], asked: Matrix, strength: float) -> NDArray[np.object_]:
        model = LocalClassifierPerParentNode(local_classifier=_model(strength))
        with _patience():
            return np.asarray(model.fit(train, labels).predict(asked))

    def worth(choice: tuple[str, float]) -> float:
        matrix, held = inputs[choice[0]][0], features.held
        found = predict(matrix[held.train], padded[held.train], matrix[held.validation], choice[1])
        return float((found == padded[held.validation]).all(axis=1).mean())

    name, strength = max(((name, strength) for name in inputs for strength in STRENGTHS[1:]), key=worth)
    found = predict(inputs[name][0], padded, inputs[name][1], strength)
    paths = tuple(tuple(str(label) for label in row if label != "") for row in found)
    return Said(paths, None, f"{name}, C={strength:g}")


BASELINES: Final[Mapping[str, Callable[[Features], Said]]] = {
    "logistic_minilm": logistic_minilm,
    "logistic_tfidf": logistic_tfidf,
    "hiclass": hiclass,
}


def _logistic(features: Features, train: Matrix, test: Matrix) -> Said:
    def worth(strength: float) -> float:
        held = features.held
        with _patience():
            model = _model(strength).fit(train[held.train], features.ends[held.train])
        return float((model.predict(train[held.validation]) == features.ends[held.validation]).mean())

    strength = max(STRENGTHS, key=worth)
    with _patience():
        model = _model(strength).fit(train, features.ends)
    chances = model.predict_proba(test)
    paths = tuple(features.paths[model.classes_[column]] for column in chances.argmax(axis=1))
    return Said(paths, np.asarray(chances.max(axis=1), np.float64), f"C={strength:g}")


def _model(strength: float) -> "LogisticRegression":
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as missing:
        raise MissingExtra("scikit-learn", "evaluation") from missing
    return LogisticRegression(C=strength, max_iter=_ITERATIONS, tol=1e-3)


@contextmanager
def _patience() -> Iterator[None]:
    """Iterations are bounded on purpose: whoever has not converged by then is not told off for it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*failed to converge.*")
        yield
