"""The analyser: a text's words, computed once for every word model.

Raw texts go in; each comes out cleaned, with its tokens (Word2Vec, GloVe) and their stems (bm25). About 0.1 ms a text.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain

from trivec.records import AnalysedText
from trivec.text.cleaning import clean
from trivec.text.english import lemmatizer
from trivec.text.words import Words, WordTable, for_words


class Analyser:
    """Cuts texts into words with spaCy's English rules. Threads may share one.

    Words of other scripts are kept and cut at spaces (Han and kana: each character), but stop words, stems and lemmas
    are English only.

    Args:
        lemmas: tokens are dictionary forms (`mice` -> `mouse`); 20 times slower, needs the extra `lemmas`.
        stop_words: lower-case words to leave out; None for spaCy's list.

    Raises:
        MissingExtra: spaCy, PyStemmer or, for lemmas, spaCy's English model is not installed.

    Example:
        >>> Analyser().analyse(["The U.S. economy grew by 3.5 percent."])[0].tokens
        ('us', 'economy', 'grew', '3.5', 'percent')
    """

    def __init__(self, *, lemmas: bool = False, stop_words: Collection[str] | None = None) -> None:
        self._table = WordTable(stop_words)
        self._lemmatizer = lemmatizer() if lemmas else None

    def analyse(self, texts: Sequence[str]) -> list[AnalysedText]:
        """The cleaned form, tokens and terms of each text, in order; terms[i] is the stem of tokens[i]."""
        cleaned = [clean(text) for text in texts]
        words = self._lemmatised(cleaned) if self._lemmatizer else map(self.words, cleaned)
        return [AnalysedText(text, *found) for text, found in zip(cleaned, words, strict=True)]

    def words(self, text: str) -> Words:
        """The words of a text or of a part of one, never lemmatised."""
        found = list(map(self._table.__getitem__, text.split()))
        return Words(
            tuple(chain.from_iterable([words.tokens for words in found])),
            tuple(chain.from_iterable([words.terms for words in found])),
        )

    def _lemmatised(self, texts: Sequence[str]) -> list[Words]:
        if self._lemmatizer is None:
            return []
        return [self._table.select(doc, lemmas=True) for doc in self._lemmatizer.pipe(map(for_words, texts))]


@lru_cache(maxsize=1)
def default_analyser() -> Analyser:
    """The analyser without options, built once per process."""
    return Analyser()
