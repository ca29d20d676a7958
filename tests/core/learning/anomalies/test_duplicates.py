"""Near-duplicates are found and grouped, without comparing every pair."""

import random

from tests.core.learning.anomalies.small_corpus import texts
from trivec.learning.anomalies import duplicates


def article(seed: int) -> str:
    """Eighty words by chance."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefghij", k=5)) for _ in range(80))


def edited(text: str, words: int) -> str:
    """The same with some words changed at its end."""
    kept = text.split()
    return " ".join([*kept[:-words], *["changed"] * words])


def test_copies_and_edited_copies_are_one_group_and_others_are_left_alone() -> None:
    first, second = article(1), article(2)
    corpus = [first, second, edited(first, 4), article(3), first.upper(), edited(second, 6), article(4)]
    found = duplicates.groups(corpus)
    assert [group.rows for group in found] == [(0, 2, 4), (1, 5)]
    assert 0.7 <= found[0].similarity < 1


def test_texts_that_share_half_are_no_duplicates() -> None:
    first = article(1)
    assert duplicates.groups([first, edited(first, 40)]) == []


def test_short_texts_count_when_they_are_the_same() -> None:
    assert [group.rows for group in duplicates.groups(["Thank you.", "thank you", "Thank me", "", ""])] == [(0, 1)]


def test_a_thousand_copies_of_one_form_are_one_group() -> None:
    form = article(1)
    found = duplicates.groups([*[form] * 1000, *texts(50, seed=1).texts])
    assert found[0].rows == tuple(range(1000))
