"""ONNX graphs, looked at before anything loads them: no custom operators, no files outside of the graph's own.

Reads the protocol buffer itself (onnx.proto of ONNX 1.x), so that what serves needs no onnx package.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trivec.errors import BadInput

DOMAINS: Final = ("", "ai.onnx")  # of operators; those of all others come with libraries
_DEEPEST: Final = 64  # graphs within attributes within graphs
_VARINT, _BYTES = 0, 2  # wire types
_SIZES: Final = {_VARINT: 0, 1: 8, _BYTES: 0, 5: 4}  # by wire type; groups are not used by ONNX

# Which fields of a message hold messages that operators or tensors can be in.
_CHILDREN: Final = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_MODEL_GRAPH, _NODE_DOMAIN, _TENSOR_EXTERNAL_DATA, _TENSOR_LOCATION = 7, 7, 13, 14


Span = tuple[int, int]  # first byte of a nested message or of bytes, and the one after


def check_graph(file: Path) -> None:
    """Refuse an ONNX file that refers to other files or to operators that are not ONNX's own.

    Raises:
        BadInput: naming the file and what is in it.
    """
    if not (size := file.stat().st_size):
        raise BadInput(f"{file.name} is empty, not an ONNX graph")
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            if not any(number == _MODEL_GRAPH for number, _ in _fields(data, (0, size))):
                raise BadInput(f"{file.name} holds no ONNX graph")
            _check(data, (0, size), "model", file.name, depth=0)
        except ValueError as broken:
            raise BadInput(f"{file.name} is not an ONNX graph: {broken}") from broken


def _check(data: mmap.mmap, message: Span, kind: str, file: str, *, depth: int) -> None:
    if depth > _DEEPEST:
        raise BadInput(f"{file} nests graphs more than {_DEEPEST} deep")
    for number, value in _fields(data, message):
        if kind == "node" and number == _NODE_DOMAIN and isinstance(value, tuple):
            if (domain := data[slice(*value)].decode("utf-8", "replace")) not in DOMAINS:
                raise BadInput(f"{file} uses operators of the domain {domain!r}: export it with ONNX's own only")
        elif kind == "tensor" and (number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_LOCATION and value)):
            raise BadInput(f"{file} keeps tensors in other files: export it with its weights inside")
        elif (child := _CHILDREN[kind].get(number)) and isinstance(value, tuple):
            _check(data, value, child, file, depth=depth + 1)


def _fields(data: mmap.mmap, message: Span) -> Iterator[tuple[int, int | Span]]:
    """Field numbers of a protocol buffer message, each with its number or where its bytes are."""
    at, end = message
    while at < end:
        key, at = _varint(data, at, end)
        wire = key & 7
        if key >= 1 << 32 or wire not in _SIZES:
            raise ValueError(f"no field begins with {key} at byte {at}")
        size = _SIZES[wire]
        if wire in (_VARINT, _BYTES):
            value, at = _varint(data, at, end)
            size = value if wire == _BYTES else 0
        if at + size > end:
            raise ValueError(f"{size} bytes promised at byte {at}, {end - at} there")
        yield key >> 3, value if wire == _VARINT else (at, at + size)
        at += size


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    """The number at a position, and the position after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            raise ValueError("it is cut short")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ValueError(f"a number without end at byte {at}")
