"""The network: untrained it is the weighted concatenation, a missing source is survivable, and every part learns."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.core.learning.fusion.conftest import SOURCES, TERMS, World, vectors
from trivec.encoders.base import EncoderSpec
from trivec.encoders.fused import Concatenation
from trivec.errors import BadInput, Broken
from trivec.learning.fusion.layers import dropped
from trivec.learning.fusion.network import FusionNetwork
from trivec.learning.fusion.options import FusionOptions, SourceOptions, TermOptions
from trivec.learning.training.history import History, Stopping
from trivec.learning.training.loop import Options, fit
from trivec.learning.training.optimisers import Group, Name
from trivec.records import DenseVectors


def _concatenation(*weights: float) -> Concatenation:
    options = {f"weight.{source.name}": weight for source, weight in zip(SOURCES, weights, strict=True)}
    options |= {f"dimension.{source.name}": source.dimension for source in SOURCES}
    parts = tuple(source.name for source in SOURCES)
    return Concatenation(EncoderSpec("fused", "concat", "dense", 14, options=options, parts=parts))


def _trained(
    network: FusionNetwork, world: World, *, frozen: tuple[str, ...] = (), optimiser: Name = "adamw"
) -> History:
    """A few steps towards random vectors, so that every part has moved."""
    targets = torch.from_numpy(vectors(network.options.dimension, [True] * len(world.texts), seed=8).values)
    bags, rate = world.weights.bags(world.texts), 0.5 if optimiser == "lars" else 0.05

    def loss(rows: torch.Tensor) -> torch.Tensor:
        return -(network(network.inputs(world.parts, bags)) * targets).sum(dim=1).mean()

    return fit(
        network,
        groups=[
            Group(name, held, 0.0 if name in frozen else rate) for name, held in network.parameter_groups().items()
        ],
        batches=lambda random: [torch.arange(5)] * 6,
        loss=loss,
        score=lambda: -float(loss(torch.arange(5))),
        options=Options(optimiser=optimiser, stopping=Stopping(epochs=3)),
    )


@pytest.mark.parametrize("optimiser", ["adamw", "rmsprop", "lars"])
def test_every_optimiser_trains_it(world: World, options: FusionOptions, optimiser: Name) -> None:
    history = _trained(FusionNetwork(options, table=world.table), world, optimiser=optimiser)
    assert history.best_score > history.scores[0] + 0.1


@pytest.mark.parametrize("hidden", [(), (16,), (16, 10)])
def test_untrained_it_is_exactly_the_weighted_concatenation(world: World, hidden: tuple[int, ...]) -> None:
    network = FusionNetwork(FusionOptions(SOURCES, hidden=hidden))
    expected = _concatenation(0.5, 1.0).fuse(world.texts, world.parts)
    fused = network.fuse(world.parts)
    assert np.allclose(fused.values, expected.values, atol=1e-6)
    assert fused.present.tolist() == expected.present.tolist() == [True, True, True, False, True]


def test_untrained_cosines_are_means_of_the_parts_cosines(world: World) -> None:
    network = FusionNetwork(FusionOptions(SOURCES, TERMS), table=world.table)
    fused = network.fuse(world.parts, world.weights.bags(world.texts))
    terms = network.sum_terms(world.weights.bags(world.texts)).detach().numpy()
    whole = np.hstack([0.5 * world.parts["glove"].values, world.parts["bert"].values, 0.8 * terms])
    lengths = np.linalg.norm(whole, axis=1, keepdims=True)
    assert np.allclose(fused.values, whole / np.maximum(lengths, 1e-9), atol=1e-6)


def test_a_larger_output_keeps_cosines_and_a_smaller_one_about() -> None:
    sources = (SourceOptions("glove", 200), SourceOptions("bert", 300))
    parts = {s.name: vectors(s.dimension, [True] * 20, seed=s.dimension) for s in sources}
    cosines = {
        output: (rows := FusionNetwork(FusionOptions(sources, output=output)).fuse(parts).values) @ rows.T
        for output in (0, 600, 256)
    }
    assert np.allclose(cosines[600], cosines[0], atol=1e-5)
    assert np.abs(cosines[256] - cosines[0]).max() < 0.25
    assert FusionNetwork(FusionOptions(sources, output=256)).fuse(parts).values.shape == (20, 256)


def test_everything_that_comes_out_is_unit_or_missing(world: World, options: FusionOptions) -> None:
    network = FusionNetwork(options, table=world.table)
    _trained(network, world)
    fused = network.fuse(world.parts, world.weights.bags(world.texts))
    assert fused.present.tolist() == [True, True, True, False, True]
    assert np.linalg.norm(fused.values, axis=1) == pytest.approx([1, 1, 1, 0, 1], abs=1e-5)


def test_rubbish_in_the_rows_of_missing_sources_changes_nothing(world: World, options: FusionOptions) -> None:
    network = FusionNetwork(options, table=world.table)
    _trained(network, world)
    part = world.parts["glove"]
    rubbish = DenseVectors(np.where(part.present[:, None], part.values, np.nan).astype(np.float32), part.present)
    bags = world.weights.bags(world.texts)
    expected = network.fuse(world.parts, bags)
    assert np.array_equal(network.fuse({**world.parts, "glove": rubbish}, bags).values, expected.values)


def test_training_on_missing_sources_gives_finite_gradients(world: World, options: FusionOptions) -> None:
    network = FusionNetwork(options, table=world.table).train()
    part = world.parts["glove"]
    rubbish = DenseVectors(np.where(part.present[:, None], part.values, np.nan).astype(np.float32), part.present)
    fused = network(network.inputs({**world.parts, "glove": rubbish}, world.weights.bags(world.texts)))
    fused.square().sum(dim=0)[0].backward()
    gradients = {name: p.grad for name, p in network.named_parameters() if p.grad is not None}
    assert len(gradients) == len(list(network.parameters()))
    assert all(torch.isfinite(gradient).all() for gradient in gradients.values())


def test_a_source_that_was_not_made_at_all_is_missing(world: World) -> None:
    fused = FusionNetwork(FusionOptions(SOURCES)).fuse({"bert": world.parts["bert"]})
    assert not fused.values[:, :6].any()
    assert np.allclose(fused.values[:, 6:], world.parts["bert"].values, atol=1e-6)


def test_a_network_of_stems_alone_needs_no_other_vector(world: World) -> None:
    network = FusionNetwork(FusionOptions((), TERMS), table=world.table)
    assert network.fuse({}, world.weights.bags(world.texts)).present.tolist() == [True, True, False, False, True]


def test_a_stem_without_a_row_still_counts(world: World) -> None:
    network = FusionNetwork(FusionOptions((), TERMS), table=world.table)
    zebra, both = (world.weights.bags([world.texts[row]]) for row in (1, 4))
    known = network.fuse({}, world.weights.bags([replace(world.texts[1], terms=("market",))])).values[0]
    assert not np.allclose(network.fuse({}, zebra).values[0], known)
    alone = network.fuse({}, world.weights.bags([replace(world.texts[1], terms=("zebra",))])).values[0]
    assert np.abs(alone[4:12]) == pytest.approx(np.full(8, 8**-0.5))
    assert not alone[:4].any()
    assert both.strangers == ("zebra", "xylem")


def test_source_dropout_never_takes_a_texts_last_source() -> None:
    torch.manual_seed(1)
    present = torch.tensor([[True, True, True], [True, False, False], [False, False, False]]).repeat(2000, 1)
    kept = dropped(present, 0.5)
    assert not (kept & ~present).any(), "what is missing stays missing"
    assert kept[1::3, 0].all(), "the only one stays"
    assert not kept[2::3].any()
    assert kept[::3].any(dim=1).all()
    chance = 0.5 + 0.125 / 3  # not dropped, or all three dropped and this one spared
    assert kept[::3].float().mean(dim=0).tolist() == pytest.approx([chance] * 3, abs=0.04)


def test_sources_are_dropped_in_training_only_and_where_wanted(world: World) -> None:
    network = FusionNetwork(FusionOptions(SOURCES, source_dropout=0.9))
    inputs = network.inputs(world.parts)
    with torch.no_grad():
        whole = network.eval()(inputs)
        torch.manual_seed(1)
        assert not torch.equal(network.train()(inputs), whole)
        assert torch.equal(network.train()(inputs, drop=False), whole)


def test_a_seed_decides_what_starts_at_random(options: FusionOptions) -> None:
    one, same = FusionNetwork(options), FusionNetwork(options)
    other = FusionNetwork(replace(options, seed=2))
    assert one.projection is not None
    assert same.projection is not None
    assert other.projection is not None
    assert torch.equal(one.projection.weight, same.projection.weight)
    assert not torch.equal(one.projection.weight, other.projection.weight)


@pytest.mark.parametrize("frozen", [(), ("table",), ("changes", "scales"), ("dense", "projection")])
def test_each_kind_of_parameter_learns_unless_it_is_frozen(
    world: World, options: FusionOptions, frozen: tuple[str, ...]
) -> None:
    network, before = FusionNetwork(options, table=world.table), FusionNetwork(options, table=world.table)
    _trained(network, world, frozen=frozen)
    for name, held in network.parameter_groups().items():
        pairs = zip(held, before.parameter_groups()[name], strict=True)
        assert any(torch.equal(after, old) for after, old in pairs) is (name in frozen), name
    assert sum(len(held) for held in network.parameter_groups().values()) == len(list(network.parameters()))


def test_the_start_of_the_table_is_not_written_to(world: World, options: FusionOptions) -> None:
    start = world.table.copy()
    _trained(FusionNetwork(options, table=world.table), world)
    assert np.array_equal(world.table, start)


def test_options_travel_as_json(options: FusionOptions) -> None:
    assert FusionOptions.from_dict(json.loads(json.dumps(options.as_dict()))) == options
    plain = FusionOptions(SOURCES)
    assert FusionOptions.from_dict(json.loads(json.dumps(plain.as_dict()))) == plain
    assert options.dimension == 9
    assert options.inner == 26
    assert options.blocks == {"glove": slice(0, 6), "bert": slice(6, 14), "terms": slice(14, 26)}
    with pytest.raises(Broken, match="cannot be read"):
        FusionOptions.from_dict({"layers": 3})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: FusionOptions(()), "at least one source"),
        (lambda: FusionOptions((SOURCES[0], SOURCES[0])), "give each source once"),
        (lambda: FusionOptions((SourceOptions("bert", 0),)), "all above 0"),
        (lambda: FusionOptions((SourceOptions("bert", 3, -1.0),)), "all above 0"),
        (lambda: FusionOptions(SOURCES, source_dropout=1.0), "source dropout 1.0"),
        (lambda: FusionNetwork(FusionOptions((), TermOptions(5, 12)), table=np.zeros((4, 12))), r"shape \(4, 12\)"),
        (lambda: FusionNetwork(FusionOptions(SOURCES)).inputs({}), r"none of the sources \['glove', 'bert'\]"),
        (
            lambda: FusionNetwork(FusionOptions(SOURCES)).inputs({"bert": vectors(7, [True], seed=1)}),
            r"'bert' of shape \(1, 8\), got \(1, 7\)",
        ),
    ],
)
def test_what_cannot_be_is_refused(build: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        build()
