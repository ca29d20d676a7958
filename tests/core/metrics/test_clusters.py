"""Purity of groups, on examples small enough to count."""

import pytest

from trivec.metrics.clusters import purity


def test_groups_of_one_label_each_are_pure() -> None:
    assert purity([1, 1, 2, 3], ["a", "a", "b", "a"]) == 1.0


def test_a_mixed_group_counts_its_commonest_label() -> None:
    assert purity([1, 1, 1, 2, 2], ["a", "a", "b", "b", "c"]) == pytest.approx(3 / 5)


def test_no_documents_have_no_purity() -> None:
    assert purity([], []) == 0.0
