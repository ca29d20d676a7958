"""Labelled texts of mixed depths, and the real sentence encoder, opened once."""

from pathlib import Path
from random import Random

import pytest

from trivec.encoders.exported import open_model
from trivec.encoders.model_files import MINILM
from trivec.learning.taxonomy import Encode, Example

WORDS = {
    ("sports", "football"): "goal striker penalty keeper league offside",
    ("sports", "tennis"): "serve racket volley baseline umpire deuce",
    ("sports",): "match athlete stadium trophy referee team",
    ("money", "banks"): "loan deposit interest mortgage credit teller",
    ("money", "law", "fraud"): "swindle forgery embezzled bribe scam laundering",
    ("money", "law", "tax"): "levy deduction audit refund bracket evasion",
}


def labelled(each: int, *, seed: int) -> list[Example]:
    """Texts of every path, in a mixed order."""
    chance = Random(seed)
    examples = [
        Example("They spoke of the " + " and the ".join(chance.choices(words.split(), k=3)) + ".", path)
        for path, words in WORDS.items()
        for _ in range(each)
    ]
    chance.shuffle(examples)
    return examples


@pytest.fixture(scope="session")
def encode(pytestconfig: pytest.Config) -> Encode:
    folder: Path = pytestconfig.cache.mkdir("encoders")  # type: ignore[union-attr]
    return open_model(MINILM, cache=folder, threads=1).encode
