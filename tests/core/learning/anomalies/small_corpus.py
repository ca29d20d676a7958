"""A small corpus with vectors that follow its topics, made by chance from a seed."""

import random

import numpy as np

from trivec.learning.anomalies import Texts
from trivec.records import Floats2d

TOPICS = {
    "farm": "wheat corn barley harvest plough field barn cattle seed farmer soil grain",
    "navy": "ship sailor harbour cannon fleet anchor captain deck storm voyage admiral crew",
    "bank": "loan deposit interest credit teller vault silver dollar note account gold debt",
}
SPAM = "WIN a FREE prize!!! Call 09061701461 NOW, code KL{number}, £{number} cash"
DIMENSION = 16


def texts(count: int, *, seed: int) -> Texts:
    """Sentences about one topic each."""
    chance = random.Random(seed)
    names = [list(TOPICS)[number % 3] for number in range(count)]
    said = [f"The {' and the '.join(chance.choices(TOPICS[name].split(), k=5))} are here." for name in names]
    return Texts(said, {"bert": vectors(names, seed=seed)})


def spam(count: int, *, seed: int) -> Texts:
    """Texts whose meaning lies among the others, but not their words and form."""
    chance = np.random.default_rng(seed)
    said = [SPAM.format(number=chance.integers(1000, 9999)) for _ in range(count)]
    return Texts(said, {"bert": vectors(["bank"] * count, seed=seed)})


def strangers(count: int, *, seed: int) -> Texts:
    """Texts written as the others are, with a meaning of their own."""
    like = texts(count, seed=seed)
    return Texts(like.texts, {"bert": vectors(["elsewhere"] * count, seed=seed)})


def vectors(names: list[str], *, seed: int) -> Floats2d:
    """Unit rows around one place for each name."""
    chance = np.random.default_rng(seed)
    places = {name: np.random.default_rng(number).normal(size=DIMENSION) for number, name in enumerate(TOPICS)}
    places["elsewhere"] = np.random.default_rng(99).normal(size=DIMENSION)
    rows = np.array([places[name] for name in names]) + 0.7 * chance.normal(size=(len(names), DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
