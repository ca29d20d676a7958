"""Which column is what."""

import pytest

from trivec.errors import BadMapping
from trivec.sources.mapping import ColumnMapping, guess
from trivec.sources.values import as_labels


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"_id": "1", "title": "t", "text": "x"}, {"id": "_id", "title": "title", "text": "text"}),
        ({"UUID": "1", "Headline": "t", "Body": "x"}, {"id": "UUID", "title": "Headline", "text": "Body"}),
        ({"n": "1", "remark": "a long remark about many things", "on": "2020-05-06"}, {"text": "remark", "date": "on"}),
        (
            {"text": "x", "published_at": "2020-05-06", "category": "a/b"},
            {"text": "text", "date": "published_at", "labels": "category"},
        ),
        ({"text": "x", "time": "3 hours"}, {"text": "text"}),
        ({"text": "x", "metadata.date": "1979-12"}, {"text": "text", "date": "metadata.date"}),
        ({"text": "x", "author.id": "7"}, {"text": "text"}),
        ({"text": "x", "source": "Reuters"}, {"text": "text", "source": "source"}),
        ({"a": "1", "b": "2"}, {}),
    ],
)
def test_a_guess(row: dict[str, object], expected: dict[str, str]) -> None:
    assert guess(list(row), [row]).columns() == expected


def test_a_column_that_repeats_itself_is_no_id() -> None:
    rows = [{"id": "same", "text": "x"} for _ in range(5)]
    assert guess(["id", "text"], rows).id == ""


def test_an_empty_name_means_that_there_is_none() -> None:
    row = {"id": "1", "title": "t", "text": "x", "date": "2020"}
    mapping = ColumnMapping(date="", title="").completed([row])
    assert mapping.columns() == {"id": "id", "text": "text"}


def test_titles_alone_are_texts() -> None:
    mapping = ColumnMapping().completed([{"id": "1", "title": "t"}])
    assert mapping.columns() == {"id": "id", "text": "title"}


def test_no_text_is_an_error() -> None:
    with pytest.raises(BadMapping, match="no column looks like a text"):
        ColumnMapping(text="").completed([{"text": "x"}])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["a", "a/b"], ("a", "a/b")),
        ("a > b>c", ("a", "b", "c")),
        ("a/b", ("a", "b")),
        ("a | b", ("a", "b")),
        ("['x', 'y']", ("x", "y")),
        ('["x", "y"]', ("x", "y")),
        ("politics, economy", ("politics, economy",)),
        ("n/a", ()),
        (None, ()),
        ("", ()),
        (7, ("7",)),
        ([1, None, "b"], ("1", "b")),
    ],
)
def test_labels(value: object, expected: tuple[str, ...]) -> None:
    assert as_labels(value) == expected
