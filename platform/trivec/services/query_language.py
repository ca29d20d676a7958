"""What a question says: words, "quoted phrases" that must occur, -excluded words that must not.

A question's text goes in; what to encode and what to demand of passages comes out. Nothing else is syntax, so a
question can hold any brackets, operators or markup and is still only words.
"""

import re
from dataclasses import dataclass

from trivec.errors import BadQuery, TooLarge
from trivec.text.cleaning import clean

MAX_CONDITIONS = 32

_QUOTED = r'"[^"]*"|\u201c[^\u201d]*\u201d'
_PART = re.compile(rf"(?P<sign>(?<!\S)-)?(?P<quoted>{_QUOTED})|(?<!\S)-(?P<word>[^\W_][^\s\"]*)")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Question:
    """A question taken apart.

    Attributes:
        text: what is encoded: the cleaned question without its excluded words and without quotation marks.
        phrases: must all occur, word by word, in a passage or its document's title.
        excluded: words or phrases that must not occur in the document.
    """

    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def parse(query: str, *, max_characters: int = 10_000) -> Question:
    """Take a question apart.

    Raises:
        BadQuery: nothing is asked, or it only says what is not wanted, or it has too many conditions.
        TooLarge: it is longer than `max_characters`.

    >>> parse('causes of the "civil war" -spain')
    Question(text='causes of the civil war', phrases=('civil war',), excluded=('spain',))
    """
    if len(query) > max_characters:
        raise TooLarge(f"the question has {len(query):,} characters: ask with at most {max_characters:,}")
    cleaned = clean(query)
    phrases: list[str] = []
    excluded: list[str] = []

    def take(match: re.Match[str]) -> str:
        words = " ".join(_WORD.findall(match["quoted"] or match["word"]))
        if not words:
            return " "
        unwanted = match["sign"] or match["word"]
        (excluded if unwanted else phrases).append(words)
        return " " if unwanted else f" {match['quoted'][1:-1]} "

    text = " ".join(_PART.sub(take, cleaned).split())
    _check(query, text, len(phrases) + len(excluded))
    return Question(text, tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(excluded)))


def says(text: str, phrase: str) -> bool:
    """Whether a text contains a phrase, word by word and whatever the case.

    >>> says("The Gold-Standard Act", "gold standard"), says("golden standards", "gold standard")
    (True, False)
    """
    return f" {_words(phrase)} " in f" {_words(text)} "


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _check(query: str, text: str, conditions: int) -> None:
    if not text:
        raise BadQuery(f"the question {query[:80]!r} does not say what to look for: add a word that is not excluded")
    if conditions > MAX_CONDITIONS:
        raise BadQuery(f"the question has {conditions} quoted or excluded parts: use at most {MAX_CONDITIONS}")
