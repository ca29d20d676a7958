"""A taxonomy is made of paths of any depths; what is predicted in it exists and is consistent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivec.errors import BadInput
from trivec.learning.taxonomy.calibration import Calibration
from trivec.learning.taxonomy.tree import Taxonomy

PATHS = [("a", "a1", "a1x"), ("a", "a1"), ("a", "a2"), ("b",), ("c", "c1")]


def test_a_path_may_end_at_any_depth_also_within_a_longer_one() -> None:
    taxonomy = Taxonomy.of(PATHS)
    assert set(taxonomy.paths) == set(PATHS)
    assert [len(range(len(taxonomy.labels))[level]) for level in taxonomy.levels] == [3, 3, 1]
    assert all(taxonomy.paths[taxonomy.end(path)] == path for path in PATHS)


def test_the_order_of_the_paths_does_not_matter() -> None:
    assert Taxonomy.of(PATHS[::-1] * 2) == Taxonomy.of(PATHS)


@given(
    scores=st.lists(st.floats(-50, 50), min_size=7, max_size=7),
    adjust=st.lists(st.floats(-5, 5), min_size=5, max_size=5),
)
def test_a_child_is_never_likelier_than_its_parent_whatever_the_scores(
    scores: list[float], adjust: list[float]
) -> None:
    taxonomy = Taxonomy.of(PATHS)
    calibration = Calibration((1.3,), np.array(adjust), 1.0, 0.5)
    ends = calibration.probabilities([taxonomy.path_scores(np.array([scores]))])
    nodes = taxonomy.node_probabilities(ends)[0]
    assert ends.sum() == pytest.approx(1)
    assert all(nodes[node] <= nodes[parent] + 1e-12 for node, parent in enumerate(taxonomy.parents) if parent >= 0)
    assert nodes[taxonomy.levels[0]].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([("a", "x"), ("b", "x")], "label 'x' stands under 'a' and under 'b'"),
        ([("a", "x"), ("x",)], "label 'x' stands under 'a' and at the top"),
        ([("a", "a"), ("b",)], "label 'a' stands"),
        ([("a", ""), ("b",)], "has no label, or an empty one"),
        ([(), ("b",)], "has no label, or an empty one"),
        ([("a", "x"), ("a", "x")], "nothing to tell apart"),
    ],
)
def test_paths_that_make_no_tree_are_named(paths: list[tuple[str, ...]], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Taxonomy.of(paths)


def test_labels_that_the_taxonomy_does_not_have_are_named() -> None:
    taxonomy = Taxonomy.of(PATHS)
    with pytest.raises(BadInput, match="label 'zebra' is not in this taxonomy"):
        taxonomy.end(("a", "zebra"))
    with pytest.raises(BadInput, match="no path of this taxonomy is"):
        taxonomy.end(("b", "a1"))
