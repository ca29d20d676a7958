"""Which words alone may name a topic, in any script."""

_SHORT = 2  # letters


def is_topical(word: str) -> bool:
    """Whether a word alone may be a topic: numbers are dates and sums, two letters are mostly grammar.

    In scripts without capitals (Han, Hangul, Arabic) a word may be as short as it likes.

    >>> [is_topical(word) for word in ("ox", "war", "1990", "战", "전쟁", "où", "не")]
    [False, True, False, True, True, False, False]
    """
    return not word.isdigit() and (len(word) > _SHORT or not has_case(word))


def has_case(word: str) -> bool:
    """Whether its script has capitals, as Latin, Greek and Cyrillic have; digits count as such a script."""
    return word.lower() != word.upper() or word.isdigit()
