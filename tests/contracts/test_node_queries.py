"""Random questions, put to the node through its REST API and to the client's own in-memory Qdrant: same answers.

What is compared: ids where scores decide them (a tie may be broken either way), scores, payloads, and the order.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from qdrant_client import QdrantClient, models

from tests.contracts.node_world import DENSE, SPARSE, World, fill

NAME = "world"
ALL = (*DENSE, *SPARSE, "multi")


@pytest.fixture(scope="module")
def node(node_url: str) -> Iterator[QdrantClient]:
    client = QdrantClient(url=node_url, timeout=60)
    fill(client, NAME, indexes=True)
    yield client
    client.delete_collection(NAME)
    client.close()


@pytest.fixture(scope="module")
def memory() -> QdrantClient:
    client = QdrantClient(":memory:")
    fill(client, NAME, indexes=False)
    return client


class Both:
    """Puts the same question to both."""

    def __init__(self, node: QdrantClient, memory: QdrantClient) -> None:
        self.node = node
        self.memory = memory

    def query(self, **question: Any) -> list[models.ScoredPoint]:
        """Both answers, compared; the node's is returned."""
        asked = {"limit": 10, "with_payload": True, **question}
        found = self.node.query_points(NAME, **asked).points
        expected = self.memory.query_points(NAME, **asked).points
        same_ranking(found, expected, context=asked)
        return found


@pytest.fixture(scope="module")
def both(node: QdrantClient, memory: QdrantClient) -> Both:
    return Both(node, memory)


def same_ranking(
    found: Sequence[models.ScoredPoint],
    expected: Sequence[models.ScoredPoint],
    *,
    context: object,
) -> None:
    """The same scores in the same order, and the same points wherever the score alone decides."""
    scores, wanted = [hit.score for hit in found], [hit.score for hit in expected]
    assert scores == pytest.approx(wanted, rel=2e-4, abs=2e-5), context
    if not expected:
        return
    last = expected[-1].score
    payloads = {hit.id: hit.payload for hit in expected}
    scored = {hit.id: hit.score for hit in expected}
    for hit in found:
        if hit.id in scored:
            assert hit.score == pytest.approx(scored[hit.id], rel=2e-4, abs=2e-5), context
            assert hit.payload == payloads[hit.id], context
        else:  # another point with the same score as the last one
            assert hit.score == pytest.approx(last, rel=2e-4, abs=2e-5), (hit.id, context)
    assert len({hit.id for hit in found}) == len(found), context


@pytest.mark.parametrize("seed", range(200))
def test_every_filter_selects_the_same_points(node: QdrantClient, memory: QdrantClient, seed: int) -> None:
    filter_ = World(Random(seed)).filter(depth=2)
    everything = {"scroll_filter": filter_, "limit": 1000, "with_payload": True, "with_vectors": False}
    found, _ = node.scroll(NAME, **everything)
    expected, _ = memory.scroll(NAME, **everything)
    assert {p.id: p.payload for p in found} == {p.id: p.payload for p in expected}, filter_
    assert node.count(NAME, count_filter=filter_).count == len(expected)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("seed", range(8))
def test_nearest_points_are_the_same(both: Both, name: str, seed: int) -> None:
    world = World(Random(f"nearest {name} {seed}"))
    both.query(query=world.example(name), using=name, query_filter=world.maybe_filter(), offset=seed % 3)


@pytest.mark.parametrize("seed", range(12))
def test_a_score_threshold_cuts_at_the_same_place(both: Both, seed: int) -> None:
    world = World(Random(f"threshold {seed}"))
    name = world.random.choice(ALL)
    vector = world.vector(name)
    hits = both.query(query=vector, using=name)
    if len(hits) > 4:
        middle = (hits[3].score + hits[4].score) / 2
        assert len(both.query(query=vector, using=name, score_threshold=middle)) == 4


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("strategy", list(models.RecommendStrategy))
@pytest.mark.parametrize("seed", range(2))
def test_recommendations_are_the_same(both: Both, name: str, strategy: models.RecommendStrategy, seed: int) -> None:
    world = World(Random(f"recommend {name} {strategy} {seed}"))
    recommend = models.RecommendInput(
        positive=[world.example(name) for _ in range(world.random.randint(1, 3))],
        negative=[world.example(name) for _ in range(world.random.randint(0, 2))],
        strategy=strategy,
    )
    both.query(query=models.RecommendQuery(recommend=recommend), using=name, query_filter=world.maybe_filter())


@pytest.mark.parametrize("name", [*DENSE, "multi", "terms"])
@pytest.mark.parametrize("seed", range(3))
def test_discovery_and_context_are_the_same(both: Both, name: str, seed: int) -> None:
    world = World(Random(f"discover {name} {seed}"))
    pairs = [
        models.ContextPair(positive=world.example(name), negative=world.example(name))
        for _ in range(world.random.randint(1, 3))
    ]
    target = models.DiscoverInput(target=world.example(name), context=pairs)
    both.query(query=models.DiscoverQuery(discover=target), using=name, query_filter=world.maybe_filter())
    both.query(query=models.ContextQuery(context=pairs), using=name, query_filter=world.maybe_filter())


def prefetches(world: World) -> list[models.Prefetch]:
    return [
        models.Prefetch(query=world.vector(name), using=name, limit=20, filter=world.maybe_filter())
        for name in world.random.sample(["cosine", "dot", "euclid", "multi", "terms"], world.random.randint(2, 4))
    ]


@pytest.mark.parametrize("seed", range(25))
def test_reciprocal_rank_fusion_is_the_same_with_any_k_and_weights(both: Both, seed: int) -> None:
    world = World(Random(f"rrf {seed}"))
    sources = prefetches(world)
    weights = [round(world.random.uniform(0.1, 3), 2) for _ in sources] if seed % 2 else None
    rrf = models.Rrf(k=world.random.choice([2, 10, 60]), weights=weights)
    query: Any = models.RrfQuery(rrf=rrf) if seed % 5 else models.FusionQuery(fusion=models.Fusion.RRF)
    both.query(prefetch=sources, query=query, limit=30, query_filter=world.maybe_must())


@pytest.mark.parametrize("seed", range(15))
def test_distribution_based_fusion_is_the_same(both: Both, seed: int) -> None:
    world = World(Random(f"dbsf {seed}"))
    both.query(prefetch=prefetches(world), query=models.FusionQuery(fusion=models.Fusion.DBSF), limit=30)


@pytest.mark.parametrize("seed", range(10))
def test_prefetched_points_are_rescored_the_same(both: Both, seed: int) -> None:
    world = World(Random(f"rescore {seed}"))
    inner = models.Prefetch(prefetch=prefetches(world), query=world.vector("dot"), using="dot", limit=15)
    both.query(prefetch=inner, query=world.vector("cosine"), using="cosine", query_filter=world.maybe_must())


@pytest.mark.parametrize("seed", range(15))
def test_formulas_score_the_same(both: Both, seed: int) -> None:
    world = World(Random(f"formula {seed}"))
    price = models.MultExpression(mult=[0.3, "price"])
    red = models.FieldCondition(key="flag", match=models.MatchValue(value=True))
    terms: list[Any] = [
        price,
        models.MultExpression(mult=[0.5, red]),
        models.NegExpression(neg=models.AbsExpression(abs="price")),
        models.SqrtExpression(sqrt=models.SumExpression(sum=["price", 1.0])),
        models.LnExpression(ln=models.SumExpression(sum=["price", 1.0])),
        models.Log10Expression(log10=models.SumExpression(sum=["price", 1.0])),
        models.ExpExpression(exp=models.NegExpression(neg="price")),
        models.PowExpression(pow=models.PowParams(base="price", exponent=2.0)),
        models.DivExpression(div=models.DivParams(left="price", right="rank", by_zero_default=1.0)),
        models.ExpDecayExpression(exp_decay=models.DecayParamsExpression(x="price", target=5.0, scale=2.0)),
        models.GaussDecayExpression(gauss_decay=models.DecayParamsExpression(x="price", target=5.0, midpoint=0.4)),
        models.LinDecayExpression(lin_decay=models.DecayParamsExpression(x="price", scale=20.0)),
        models.MaxExpression(max=["price", 3.0]),
        models.MinExpression(min=["price", 3.0]),
    ]
    formula = models.SumExpression(sum=["$score", *world.random.sample(terms, 3)])
    query = models.FormulaQuery(formula=formula, defaults={"rank": 1.0})
    source = models.Prefetch(query=world.vector("cosine"), using="cosine", limit=40)
    both.query(prefetch=source, query=query)


@pytest.mark.parametrize("name", ["cosine", "dot", "multi"])
@pytest.mark.parametrize("seed", range(4))
def test_diverse_results_are_the_same(both: Both, name: str, seed: int) -> None:
    world = World(Random(f"mmr {name} {seed}"))
    mmr = models.Mmr(diversity=world.random.choice([0.0, 0.3, 0.7]), candidates_limit=40)
    both.query(query=models.NearestQuery(nearest=world.vector(name), mmr=mmr), using=name, limit=8)


@pytest.mark.parametrize("seed", range(6))
def test_relevance_feedback_is_the_same(both: Both, seed: int) -> None:
    world = World(Random(f"feedback {seed}"))
    feedback = models.RelevanceFeedbackInput(
        target=world.example("cosine"),
        feedback=[models.FeedbackItem(example=world.example("cosine"), score=score) for score in (0.9, 0.5, 0.1)],
        strategy=models.NaiveFeedbackStrategy(naive=models.NaiveFeedbackStrategyParams(a=1.0, b=0.7, c=0.4)),
    )
    both.query(query=models.RelevanceFeedbackQuery(relevance_feedback=feedback), using="cosine")


@pytest.mark.parametrize("direction", list(models.Direction))
@pytest.mark.parametrize("key", ["price", "when", "number"])
def test_points_come_in_the_order_of_a_payload_field(both: Both, key: str, direction: models.Direction) -> None:
    filter_ = World(Random(f"order {key}")).filter()
    order = models.OrderBy(key=key, direction=direction)
    asked = {"scroll_filter": filter_, "order_by": order, "limit": 50}
    found, following = both.node.scroll(NAME, **asked)
    expected, _ = both.memory.scroll(NAME, **asked)
    assert following is None
    assert [_value(p.order_value) for p in found] == [_value(p.order_value) for p in expected]
    by_query = both.node.query_points(
        NAME, query=models.OrderByQuery(order_by=order), query_filter=filter_, limit=50
    ).points
    assert [_value(p.order_value) for p in by_query] == [_value(p.order_value) for p in expected]


def _value(order_value: float | None) -> float:
    """Dates are microseconds at a server and seconds in local mode."""
    assert order_value is not None
    return float(order_value) / 1e6 if abs(order_value) > 1e13 else float(order_value)


@pytest.mark.parametrize("seed", range(10))
def test_facets_count_the_same(both: Both, seed: int) -> None:
    world = World(Random(f"facet {seed}"))
    asked = {"key": world.random.choice(["colour", "group", "flag", "number"]), "facet_filter": world.maybe_filter()}
    found = both.node.facet(NAME, **asked, limit=100, exact=True).hits
    expected = both.memory.facet(NAME, **asked, limit=100, exact=True).hits
    assert {(hit.value, hit.count) for hit in found} == {(hit.value, hit.count) for hit in expected}
    assert [hit.count for hit in found] == sorted((hit.count for hit in found), reverse=True)


@pytest.mark.parametrize("group_by", ["group", "colour", "number", "items[].colour"])
@pytest.mark.parametrize("name", ["cosine", "euclid", "idf"])
def test_groups_are_the_same(both: Both, group_by: str, name: str) -> None:
    world = World(Random(f"groups {group_by} {name}"))
    asked = {
        "group_by": group_by,
        "query": world.vector(name),
        "using": name,
        "limit": 4,
        "group_size": 3,
        "query_filter": world.maybe_filter(),
        "with_payload": ["price"],
    }
    found = both.node.query_points_groups(NAME, **asked).groups
    expected = both.memory.query_points_groups(NAME, **asked).groups
    assert [group.id for group in found] == [group.id for group in expected]
    for ours, theirs in zip(found, expected, strict=True):
        same_ranking(ours.hits, theirs.hits, context=asked)


def test_a_batch_of_queries_answers_as_its_queries_do(both: Both) -> None:
    world = World(Random("batch"))
    requests = [
        models.QueryRequest(query=world.example(name), using=name, limit=5, with_payload=True, filter=world.filter())
        for name in ALL
    ]
    answers = both.node.query_batch_points(NAME, requests)
    for answer, request in zip(answers, requests, strict=True):
        alone = both.node.query_points(
            NAME, query=request.query, using=request.using, limit=5, query_filter=request.filter
        )
        assert answer.points == alone.points


def test_idf_can_be_taken_from_a_part_of_the_collection(both: Both) -> None:
    world = World(Random("idf"))
    corpus = models.Filter(must=[models.FieldCondition(key="flag", match=models.MatchValue(value=True))])
    params = models.SearchParams(idf=models.IdfCorpusParams(corpus=corpus))
    both.query(query=world.vector("idf"), using="idf", search_params=params, query_filter=corpus)


def test_without_a_query_points_come_by_their_ids(both: Both) -> None:
    found = both.node.query_points(NAME, limit=20).points
    assert [hit.id for hit in found] == [record.id for record in both.node.scroll(NAME, limit=20)[0]]


def test_a_random_sample_obeys_the_filter(both: Both) -> None:
    filter_ = models.Filter(must=[models.FieldCondition(key="group", match=models.MatchValue(value="g3"))])
    hits = both.node.query_points(
        NAME, query=models.SampleQuery(sample=models.Sample.RANDOM), query_filter=filter_, limit=10
    ).points
    assert len(hits) == len({hit.id for hit in hits}) == 10
    assert all(hit.payload is not None and hit.payload["group"] == "g3" for hit in hits)


def test_scrolling_by_pages_sees_every_point_once(both: Both) -> None:
    filter_ = World(Random("pages")).filter()
    seen, offset = [], None
    while True:
        page, offset = both.node.scroll(NAME, scroll_filter=filter_, limit=7, offset=offset)
        seen += [record.id for record in page]
        if offset is None:
            break
    expected, _ = both.memory.scroll(NAME, scroll_filter=filter_, limit=1000)
    assert len(seen) == len(set(seen))
    assert set(seen) == {record.id for record in expected}


def test_slices_cut_the_collection_into_parts(both: Both) -> None:
    parts = []
    for index in range(3):
        part = models.Filter(must=[models.SliceCondition(slice=models.Slice(total=3, index=index))])
        found = {p.id for p in both.node.scroll(NAME, scroll_filter=part, limit=1000)[0]}
        assert found == {p.id for p in both.memory.scroll(NAME, scroll_filter=part, limit=1000)[0]}
        parts.append(found)
    assert sum(map(len, parts)) == both.node.count(NAME).count


@pytest.mark.parametrize("name", ["cosine", "terms"])
def test_a_matrix_holds_the_distances_of_its_sample(both: Both, name: str) -> None:
    pairs = both.node.search_matrix_pairs(NAME, using=name, sample=12, limit=3).pairs
    assert pairs
    for pair in pairs:
        only = models.Filter(must=[models.HasIdCondition(has_id=[pair.b])])
        hit = both.node.query_points(NAME, query=pair.a, using=name, query_filter=only).points[0]
        assert pair.score == pytest.approx(hit.score, abs=1e-5)
    offsets = both.node.search_matrix_offsets(NAME, using=name, sample=12, limit=3)
    assert len(offsets.ids) == 12
    assert len(offsets.offsets_row) == len(offsets.offsets_col) == len(offsets.scores)
