"""The exported network: the same vectors by ONNX Runtime as by torch, from files that carry no code."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.learning.fusion.conftest import SOURCES, TERMS, World, text
from trivec.encoders import trained_fusion
from trivec.errors import BadInput, Broken
from trivec.learning.base import Model
from trivec.learning.fusion import export
from trivec.learning.fusion.export import FusionModel
from trivec.learning.fusion.network import FusionNetwork
from trivec.learning.fusion.options import FusionOptions
from trivec.registry import check_files


def _shaken(options: FusionOptions, world: World) -> FusionModel:
    """A network whose every parameter and running mean is somewhere else than at its start."""
    network = FusionNetwork(options, table=world.table if options.terms else None)
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        network.train()(network.inputs(world.parts, world.weights.bags(world.texts) if options.terms else None))
    return FusionModel(network, world.weights if options.terms else None)


ARCHITECTURES = {
    "everything": FusionOptions(SOURCES, TERMS, hidden=(16, 10), output=9),
    "no dense layers": FusionOptions(SOURCES, TERMS),
    "one source": FusionOptions(SOURCES[:1], hidden=(4,)),
    "stems alone": FusionOptions((), TERMS, output=20),
}


@pytest.mark.parametrize("question", [False, True])
@pytest.mark.parametrize("options", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_what_is_served_is_what_was_trained(
    options: FusionOptions, question: bool, world: World, tmp_path: Path
) -> None:
    model = _shaken(options, world)
    model.save(tmp_path)
    served = trained_fusion.load(trained_fusion.spec(tmp_path, reference="news.fusion:1"), folder=tmp_path)
    expected = model.fuse(world.texts, world.parts, question=question)
    found = served.fuse(world.texts, world.parts, question=question)
    assert np.allclose(found.values, expected.values, atol=1e-5)
    assert found.present.tolist() == expected.present.tolist()
    assert expected.present.any()


def test_a_loaded_network_is_the_saved_one_and_can_be_trained_on(
    options: FusionOptions, world: World, tmp_path: Path
) -> None:
    model = _shaken(options, world)
    model.save(tmp_path)
    loaded = export.load(tmp_path)
    assert isinstance(model, Model)
    assert loaded.network.options == options
    assert loaded.weights is not None
    assert loaded.weights.words == world.weights.words
    state = model.network.state_dict()
    assert all(torch.equal(tensor, state[name]) for name, tensor in loaded.network.state_dict().items())
    assert np.array_equal(loaded.fuse(world.texts, world.parts).values, model.fuse(world.texts, world.parts).values)
    with torch.no_grad():
        loaded.network.table.weight.add_(1.0)  # its own copy, not the mapped file
    assert np.array_equal(np.load(tmp_path / "table.npy"), state["table.weight"].numpy())


def test_its_files_are_such_as_the_registry_keeps(options: FusionOptions, world: World, tmp_path: Path) -> None:
    _shaken(options, world).save(tmp_path)
    check_files(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        *("fusion.json", "options.json", "words.json", "network.onnx", "network.safetensors", "table.npy", "idf.npy")
    }


def test_a_graph_that_computes_something_else_is_never_kept_quietly(
    options: FusionOptions, world: World, tmp_path: Path
) -> None:
    model = _shaken(options, world)
    model.save(tmp_path)
    with torch.no_grad():
        model.network.scales.mul_(torch.tensor([1.0, 1.01, 1.0]))
    with pytest.raises(Broken, match="differs from torch by"):
        export._verify(model.network, tmp_path / "network.onnx")


def test_a_damaged_folder_is_said(options: FusionOptions, world: World, tmp_path: Path) -> None:
    _shaken(options, world).save(tmp_path)
    (tmp_path / "network.safetensors").write_bytes(b"rubbish")
    with pytest.raises(Broken, match="holds no fusion network"):
        export.load(tmp_path)


def test_weights_that_do_not_belong_to_the_network_are_refused(options: FusionOptions, world: World) -> None:
    network = FusionNetwork(options, table=world.table)
    with pytest.raises(BadInput, match="does not go with weights of 4 stems"):
        FusionModel(network, replace(world.weights, words=world.weights.words[:4]))
    with pytest.raises(BadInput, match="does not go with weights of None stems"):
        FusionModel(network)


def test_new_words_are_served_as_they_were_trained(options: FusionOptions, world: World, tmp_path: Path) -> None:
    model = _shaken(replace(options, sources=()), world)
    model.save(tmp_path)
    served = trained_fusion.load(trained_fusion.spec(tmp_path, reference="news.fusion:1"), folder=tmp_path)
    new = [text("never seen before"), text("wing never")]
    assert np.allclose(served.fuse(new, {}).values, model.fuse(new, {}).values, atol=1e-5)
