"""Conversion without a node: ids, vectors, points, filters, formulas and what a reason says."""

import math

import pytest
import qdrant_edge as edge
from qdrant_client.http import models

from trivec.node.conversion import updates
from trivec.node.conversion.examples import average
from trivec.node.conversion.filters import edge_filter, without_ids
from trivec.node.conversion.ids import edge_id, id_from_path
from trivec.node.conversion.points import edge_points
from trivec.node.conversion.validation import parse
from trivec.node.conversion.vectors import VectorShapes, json_vector
from trivec.node.errors import BadRequest, NodeError

SHAPES = VectorShapes(dense={"": 2, "dense": 3}, multi={"multi": 2}, sparse=frozenset({"sparse"}))
UUID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize("value", [0, 2**64 - 1, UUID, UUID.upper(), UUID.replace("-", ""), f"urn:uuid:{UUID}"])
def test_numbers_and_uuids_are_ids(value: object) -> None:
    assert edge_id(value) == value


@pytest.mark.parametrize("value", [-1, 2**64, 1.0, True, None, "", "7", "x" * 36, UUID[:-1], [1]])
def test_nothing_else_is_an_id(value: object) -> None:
    with pytest.raises(BadRequest, match="is not a valid point ID"):
        edge_id(value)


def test_an_id_in_a_path_is_a_number_if_it_looks_like_one() -> None:
    assert id_from_path("12") == 12
    assert id_from_path(UUID) == UUID


def test_shapes_follow_the_collections_parameters() -> None:
    multi = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
    named = models.CreateCollection(
        vectors={
            "a": models.VectorParams(size=3, distance=models.Distance.DOT),
            "b": models.VectorParams(size=2, distance=models.Distance.DOT, multivector_config=multi),
        },
        sparse_vectors={"c": models.SparseVectorParams()},
    )
    assert VectorShapes.of(named) == VectorShapes(dense={"a": 3}, multi={"b": 2}, sparse=frozenset({"c"}))
    bare = models.CreateCollection(vectors=models.VectorParams(size=5, distance=models.Distance.DOT))
    assert VectorShapes.of(bare) == VectorShapes(dense={"": 5}, multi={}, sparse=frozenset())


def test_vectors_come_back_as_they_went_in() -> None:
    given = {"dense": [1.0, 2.0, 3.0], "multi": [[1.0, 2.0]], "sparse": {"indices": [3, 1], "values": [0.5, 1.0]}}
    vectors = SHAPES.point_vector(given)
    assert isinstance(vectors, dict)
    assert json_vector(vectors) == given


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 3.5e38, -3.5e38])
@pytest.mark.parametrize("others", [[0.0, 0.0], [-3.5e38, 0.0]])
def test_numbers_that_do_not_fit_32_bits_are_refused_even_when_they_cancel_out(
    number: float, others: list[float]
) -> None:
    with pytest.raises(BadRequest, match="finite"):
        SHAPES.vector("dense", [number, *others])


def test_columns_and_lists_make_the_same_points() -> None:
    listed = edge_points(
        {"points": [{"id": 1, "vector": [1, 2], "payload": {"a": 1}}, {"id": 2, "vector": [3, 4]}]}, SHAPES
    )
    columns = edge_points({"batch": {"ids": [1, 2], "vectors": [[1, 2], [3, 4]], "payloads": [{"a": 1}, None]}}, SHAPES)
    assert [(p.id, p.vector, p.payload) for p in listed] == [(p.id, p.vector, p.payload) for p in columns]


def test_true_is_not_the_number_one_in_a_filter() -> None:
    matched = models.Filter(must=[models.FieldCondition(key="a", match=models.MatchValue(value=True))])
    converted = edge_filter(matched)
    assert converted is not None
    assert converted.must is not None
    condition = converted.must[0]
    assert isinstance(condition, edge.FieldCondition)
    assert isinstance(condition.match, edge.MatchValue)
    assert condition.match.value is True


def test_leaving_out_points_keeps_the_rest_of_a_filter() -> None:
    converted = edge_filter(models.Filter(must_not=[models.HasVectorCondition(has_vector="a")]))
    narrowed = without_ids(converted, [1, 2])
    assert narrowed is not None
    assert narrowed.must_not is not None
    assert len(narrowed.must_not) == 2
    assert without_ids(converted, []) is converted
    assert without_ids(None, []) is None


def test_the_average_moves_away_from_bad_examples() -> None:
    assert average([[1.0, 0.0], [3.0, 2.0]], []) == [2.0, 1.0]
    assert average([[1.0, 0.0], [3.0, 2.0]], [[1.0, 1.0]]) == [3.0, 1.0]
    assert average([[[1.0, 0.0]], [[2.0, 2.0]]], [[[1.0, 1.0]]]) == [[1.0, 0.0], [2.0, 2.0], [-1.0, -1.0]]
    sparse = average([edge.SparseVector([1], [2.0])], [edge.SparseVector([1, 4], [1.0, 1.0])])
    assert json_vector(sparse) == {"indices": [1, 4], "values": [3.0, -1.0]}


def test_a_reason_names_the_place_and_not_every_union_member() -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(models.QueryRequest, {"query": [1.0], "filter": {"must": [{"key": "a", "range": {"gte": "soon"}}]}})
    assert "filter.must.0.range.gte" in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("body", [None, [], "x", {"operations": {}}, {"operations": [[]]}, {"operations": [{}]}])
def test_a_batch_that_is_none_is_refused(body: object) -> None:
    with pytest.raises(NodeError):
        updates.operations(body, SHAPES)
