"""Words: what spaCy's English tokenizer makes of each chunk between spaces, less stop words and special characters.

spaCy cuts every chunk on its own, so a chunk needs to be cut only once: the table remembers what it became.
A chunk goes in; its tokens and their stems come out.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from trivec.errors import MissingExtra
from trivec.text.english import tokenizer

if TYPE_CHECKING:
    from spacy.tokens import Doc

MOST_CHUNKS = 200_000  # about 60 MB; then the table starts anew
_LONGEST_CHUNK = 60  # longer ones (addresses, encoded data) hardly come twice
_EDGES = '.,;:!?()[]{}"“”`-–—/*'  # no apostrophes: what follows one may be a clitic, which spaCy knows (`'S`)
_TRADE_MARKS = str.maketrans("", "", "™℠®©")  # NFKC would spell some of them out
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_ACRONYM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\.?")
_HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"


class Words(NamedTuple):
    """The tokens of a stretch of text and the stem of each."""

    tokens: tuple[str, ...]
    terms: tuple[str, ...]


NO_WORDS = Words((), ())


class WordTable(dict[str, Words]):
    """Chunk -> its words, filled as chunks are asked for; threads may share it.

    Args:
        stop_words: lower-case words to leave out; None for spaCy's list.
    """

    def __init__(self, stop_words: Collection[str] | None = None) -> None:
        super().__init__()
        self._nlp = tokenizer()
        self._stop = frozenset(self._nlp.Defaults.stop_words if stop_words is None else stop_words)
        self._exceptions = frozenset(self._nlp.Defaults.tokenizer_exceptions or {})
        self._lock = Lock()

    def __missing__(self, chunk: str) -> Words:
        words = self._words(chunk)
        if len(chunk) <= _LONGEST_CHUNK:
            if len(self) >= MOST_CHUNKS:
                self.clear()
            self[chunk] = words
        return words

    def _words(self, chunk: str) -> Words:
        plain = chunk.strip(_EDGES)
        if plain.isascii() and plain.isalpha() and plain not in self._exceptions:
            word = plain.lower()  # spaCy would find nothing in it to cut, but take longer
            return NO_WORDS if word in self._stop else Words((word,), (stem(word),))
        # A memory zone keeps spaCy's vocabulary from growing with every new word; zones must not overlap.
        with self._lock, self._nlp.memory_zone():
            return self.select(self._nlp.tokenizer(for_words(chunk)))

    def select(self, doc: "Doc", *, lemmas: bool = False) -> Words:
        """The words of what spaCy cut, or their lemmas."""
        kept = tuple(
            part
            for token in doc
            if token.lower_ not in self._stop and token.norm_ not in self._stop
            for part in self._parts(token.lemma_.lower() if lemmas else token.lower_)
        )
        return Words(kept, tuple(map(stem, kept)))

    def _parts(self, token: str) -> Iterable[str]:
        """`u.s.` is `us` (not the pronoun, which is a stop word); `10,000` is `10000`; `il-2` is `il` and `2`."""
        if _ACRONYM.fullmatch(token):
            return (token.replace(".", ""),)
        if _THOUSANDS.match(token):
            token = token.replace(",", "")
        return (part for part in _parts_pattern().findall(token) if part not in self._stop)


def for_words(text: str) -> str:
    """Compatibility characters spelt out (`ﬁ` -> `fi`, full width -> ASCII): good for words, not for display."""
    return unicodedata.normalize("NFKC", text.translate(_TRADE_MARKS))


def stem(word: str) -> str:
    """The Porter2 stem of a lower-case word, accents of Latin letters folded (`naïve` -> `naiv`)."""
    return _stemmer()(word if word.isascii() else _folded(word))


def _folded(word: str) -> str:
    """Without accents where Latin letters remain; `й` or `ガ` are letters of their own, so they stay."""
    bare = "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))
    return bare if bare.isascii() else word


@lru_cache(maxsize=1)
def _parts_pattern() -> re.Pattern[str]:
    """Decimal numbers; Han and kana one by one; words of any script with their marks."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)).startswith("M"))
    return re.compile(rf"[0-9]+\.[0-9]+|[{_HAN_KANA}]|[^\W_{_HAN_KANA}](?:[^\W_{_HAN_KANA}]|[{marks}])*")


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    try:
        import Stemmer
    except ImportError as error:
        raise MissingExtra("pystemmer", "text") from error
    return Stemmer.Stemmer("english", 0).stemWord
