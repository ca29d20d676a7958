"""Texts that should be found, made of texts that should not: what the gate tries a model on."""

from collections.abc import Sequence

import numpy as np


def distort(texts: Sequence[str], *, seed: int) -> list[str]:
    """One odd text for each: in turn mixed with another one, its letters in disorder, or shouted with numbers."""
    random = np.random.default_rng(seed)
    ways = (_mixed, _scrambled, _shouted)
    others = [texts[row] for row in random.permutation(len(texts))]
    return [ways[row % 3](text, others[row], random) for row, text in enumerate(texts)]


def _mixed(text: str, other: str, random: np.random.Generator) -> str:
    words = [*text.split(), *other.split()]
    return " ".join(words[row] for row in random.permutation(len(words))[: len(text.split())])


def _scrambled(text: str, _other: str, random: np.random.Generator) -> str:
    return " ".join("".join(word[row] for row in random.permutation(len(word))) for word in text.split())


def _shouted(text: str, _other: str, random: np.random.Generator) -> str:
    words = [word.upper() if random.random() < 0.5 else word for word in text.split()]
    return f"{' '.join(words)} !!! {random.integers(10**6, 10**7)} {random.integers(10, 10**4)}%"
