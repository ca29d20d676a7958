"""ONNX graphs: plain ones are kept, those that reach outside of themselves are refused, however deep they do."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from trivec.errors import BadInput
from trivec.registry import check_files
from trivec.registry.graphs import check_graph

FLOATS = TensorProto.FLOAT


def _save(folder: Path, *nodes: onnx.NodeProto, initialisers: list[onnx.TensorProto] | None = None) -> Path:
    """A graph of these nodes from `x` to `y`."""
    ends = [[helper.make_tensor_value_info(name, FLOATS, [2])] for name in "xy"]
    graph = helper.make_graph(list(nodes), "test", *ends, initializer=initialisers or [])
    file = folder / "model.onnx"
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("theirs", 1)]
    file.write_bytes(helper.make_model(graph, opset_imports=opsets).SerializeToString())
    return file


def _weights(values: int = 2) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ones(values, np.float32), "w")


def _external(tensor: onnx.TensorProto) -> onnx.TensorProto:
    onnx.external_data_helper.set_external_data(tensor, location="../../etc/passwd")
    tensor.ClearField("raw_data")
    return tensor


def test_a_plain_graph_is_a_model_file(tmp_path: Path) -> None:
    nodes = helper.make_node("Add", ["x", "w"], ["a"]), helper.make_node("Relu", ["a"], ["y"], domain="ai.onnx")
    _save(tmp_path, *nodes, initialisers=[_weights(5000)])
    check_files(tmp_path)


def test_operators_that_come_with_a_library_are_refused(tmp_path: Path) -> None:
    file = _save(tmp_path, helper.make_node("Relu", ["x"], ["y"], domain="theirs"))
    with pytest.raises(BadInput, match=r"model\.onnx uses operators of the domain 'theirs'"):
        check_graph(file)
    with pytest.raises(BadInput, match="theirs"):
        check_files(tmp_path)


def test_operators_within_the_branches_of_others_are_seen(tmp_path: Path) -> None:
    inner = helper.make_node("Relu", ["x"], ["y"], domain="theirs")
    branch = helper.make_graph([inner], "branch", [], [helper.make_tensor_value_info("y", FLOATS, [2])])
    choice = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
    with pytest.raises(BadInput, match="'theirs'"):
        check_graph(_save(tmp_path, choice))


def test_tensors_in_other_files_are_refused(tmp_path: Path) -> None:
    file = _save(tmp_path, helper.make_node("Add", ["x", "w"], ["y"]), initialisers=[_external(_weights())])
    with pytest.raises(BadInput, match="keeps tensors in other files"):
        check_graph(file)


def test_constants_in_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="keeps tensors in other files"):
        check_graph(_save(tmp_path, helper.make_node("Constant", [], ["y"], value=_external(_weights()))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"import os", "holds no ONNX graph"),
        (b"\x07rubbish", "is not an ONNX graph"),
        (b"\x3a\xff\x01", "255 bytes promised"),
        (b"\x08" + b"\xff" * 20, "a number without end"),
        (b"\x08\x01", "holds no ONNX graph"),
    ],
)
def test_what_is_no_graph_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        check_graph(file)


def test_graphs_nested_without_end_are_refused(tmp_path: Path) -> None:
    message = b""
    for field in (7, *(1, 5, 6) * 30)[::-1]:  # model: graph: node: attribute: graph: ...
        size = len(message)
        length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
        message = bytes([field << 3 | 2]) + length + message
    (tmp_path / "model.onnx").write_bytes(message)
    with pytest.raises(BadInput, match="more than 64 deep"):
        check_graph(tmp_path / "model.onnx")


def test_a_graph_cut_short_is_refused(tmp_path: Path) -> None:
    file = _save(tmp_path, helper.make_node("Add", ["x", "w"], ["y"]), initialisers=[_weights(100)])
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(BadInput, match="is not an ONNX graph"):
        check_graph(file)
