"""Names, keys and conditions: what the store decides without a Qdrant."""

import doctest

import numpy as np
import pytest

from trivec.errors import BadInput
from trivec.records import Filters
from trivec.store import names, queries, reads
from trivec.store.filters import TextConditions, condition, metadata_key
from trivec.store.names import check_corpus, document_key, parse_collection, point_id
from trivec.store.vectors import SparseRow, mean


@pytest.mark.parametrize("name", ["", "a.b", "a/b", "ä", "-x", "x" * 65, "a b", "../x", "news.g1", "a\n"])
def test_corpus_names_that_could_be_mistaken_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match="letters, digits"):
        check_corpus(name)


@pytest.mark.parametrize("name", ["news", "News-2024_b", "7", "x" * 64])
def test_plain_corpus_names_are_fine(name: str) -> None:
    assert check_corpus(name) == name


@pytest.mark.parametrize("name", ["news", "news.g0", "news.g01", "news.feedback", "news.g1.g2", ".g1", "a.gx"])
def test_only_generations_are_read_as_such(name: str) -> None:
    assert parse_collection(name) is None


def test_a_passage_is_always_the_same_point_and_no_other_is() -> None:
    keys = [("a", "b", 0), ("a", "b", 1), ("ab", "", 0), ("a", "b1", 0), ("b", "a", 0)]
    assert len({point_id(*key) for key in keys}) == len(keys)
    assert point_id("a", "b", 0) == point_id("a", "b", 0)
    assert all(point_id(*key).version == 5 for key in keys)


def test_points_of_one_document_share_a_key_and_others_do_not() -> None:
    keys = {document_key(str(point_id("news", document, passage))) for document in "abc" for passage in (0, 1, 70_000)}
    assert len(keys) == 3


def test_metadata_keys_are_quoted_where_the_path_syntax_needs_it() -> None:
    assert metadata_key("page") == "metadata.page"
    assert metadata_key("president name") == 'metadata."president name"'
    assert metadata_key("a.b[]") == 'metadata."a.b[]"'
    with pytest.raises(BadInput, match="quotation mark"):
        metadata_key('a"b')


def test_no_condition_is_no_filter() -> None:
    assert condition(Filters(), TextConditions()) is None
    assert condition(Filters(metadata={"page": ()})) is None


def test_the_mean_of_vectors_keeps_their_kind() -> None:
    dense = mean([np.array([1, 0], np.float32), np.array([0, 1], np.float32)])
    assert isinstance(dense, np.ndarray)
    np.testing.assert_allclose(dense, [0.5**0.5, 0.5**0.5], rtol=1e-6)
    row = mean(
        [SparseRow(np.array([1, 3]), np.array([2, 2], np.float32)), SparseRow(np.array([3]), np.array([4], np.float32))]
    )
    assert isinstance(row, SparseRow)
    assert dict(zip(row.indices.tolist(), row.values.tolist(), strict=True)) == {1: 1.0, 3: 3.0}


@pytest.mark.parametrize("module", [names, queries, reads])
def test_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
