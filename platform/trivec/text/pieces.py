"""How many word pieces a text costs BERT, without loading its tokenizer.

A stretch of text goes in, a number comes out: an estimate on the high side for MiniLM's uncased English vocabulary.
Where the true number matters, give the splitter the tokenizer's own counter instead.
"""

import re
import unicodedata
from collections.abc import Callable

Counter = Callable[[str], float]  # text without spaces -> word pieces, no special ones; adds up over words

_RUN = re.compile(r"[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]+")
LONGEST_WORD = 100  # characters; BERT reads a longer one as unknown
_EASY = 4  # letters of a word that is nearly always one piece


def estimate(text: str) -> float:
    """Pieces of a text, estimated; within 2 % of English prose from above, more above for rare words.

    Letters count by length (long words are rare ones), capitals and digits by two, anything else one by one.
    """
    return sum(map(_of_run, _RUN.findall(text)))


def _of_run(run: str) -> float:
    if not run.isascii():
        return characters(run)
    if run[0].isalpha():
        if run[1:].islower() or len(run) == 1:
            return min(len(run), 1 + max(0, len(run) - _EASY) ** 2 / 40)
        return max(1.0, len(run) / 2)
    return max(1.0, len(run) / 2) if run[0].isdigit() else len(run)


def characters(text: str) -> int:
    """The most pieces a text can cost: one for every character after taking accents and syllables apart."""
    return len(unicodedata.normalize("NFD", text))


class PieceTable(dict[str, float]):
    """Word -> its pieces, counted when first asked for; a giant word counts by characters, so that it is cut."""

    def __init__(self, counter: Counter, *, most: int = 200_000) -> None:
        super().__init__()
        self._counter = counter
        self._most = most

    def __missing__(self, word: str) -> float:
        count = self._counter(word) if len(word) <= LONGEST_WORD else characters(word)
        if len(self) >= self._most:
            self.clear()
        self[word] = count
        return count
