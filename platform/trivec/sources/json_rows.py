"""JSON and JSON lines: a stream of bytes goes in, rows come out, one object at a time.

A `.json` file may hold an array of objects, one object, an object around such an array ({"data": [...]}), or lines.
"""

import io
import json
from collections.abc import Iterator

import orjson

from trivec.errors import BadInput, MissingExtra
from trivec.sources.base import SHOWN, BadRow, Row, Rows
from trivec.sources.encodings import LONGEST_LINE, SAMPLE, UNDECODABLE, lines, text_stream

Events = Iterator[tuple[str, object]]  # as ijson's basic_parse gives them
_WRAPPERS = frozenset({"data", "documents", "docs", "items", "rows", "records", "results", "articles", "corpus"})
_NOT_TEXT = "bytes that are not text in this file's encoding; save it as UTF-8"


def read_jsonl(stream: io.BufferedReader, name: str) -> Rows:
    """One row a line; empty lines are skipped."""
    number = 0
    for line, text in lines(text_stream(stream)):
        if not text.strip("\ufeff \t\r\n"):
            continue
        number += 1
        yield _of_line(line, text.strip("\ufeff"), number)


def _of_line(line: int, text: str, number: int) -> Row | BadRow:
    if UNDECODABLE in text:
        return BadRow(line, _NOT_TEXT, text[:SHOWN])
    if len(text) >= LONGEST_LINE:
        return BadRow(line, f"a line of more than {LONGEST_LINE:,} characters; split it", text[:SHOWN])
    try:
        value = _loaded(text)
    except (ValueError, RecursionError) as error:
        return BadRow(line, f"broken JSON: {str(error)[:200]}", text.strip()[:SHOWN])
    return _of_value(line, value, number)


def _loaded(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # also knows NaN and long numbers, and its message counts from 1


def _of_value(line: int, value: object, number: int) -> Row | BadRow:
    if isinstance(value, dict):
        return Row(line, value, number)
    return BadRow(line, f"a JSON {_kind(value)} where an object was expected", json.dumps(value, default=str)[:SHOWN])


def _kind(value: object) -> str:
    kinds = {bool: "boolean", str: "string", int: "number", float: "number", list: "array"}
    return kinds.get(type(value), "null")


def read_json(stream: io.BufferedReader, name: str) -> Rows:
    """The objects of a JSON file; `line` is the position of the object. What follows broken JSON is lost, and said."""
    if _is_jsonl(stream.peek(SAMPLE)):
        yield from read_jsonl(stream, name)
        return
    try:
        import ijson
    except ImportError as error:
        raise MissingExtra("ijson", "sources") from error
    number = 0
    try:
        for value in _objects(ijson.basic_parse(_Utf8(text_stream(stream)), multiple_values=True, use_float=True)):
            number += 1
            shown = json.dumps(value, default=str, ensure_ascii=False)
            if UNDECODABLE in shown:
                yield BadRow(number, _NOT_TEXT, shown[:SHOWN])
            else:
                yield _of_value(number, value, number)
    except (ijson.JSONError, UnicodeError, RecursionError) as error:
        if not number:
            raise BadInput(f"{name} holds broken JSON: {_brief(error)}; mend it or write one object a line") from error
        yield BadRow(
            number + 1, f"broken JSON after object {number}: {_brief(error)}; the rest of the file cannot be read"
        )


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _is_jsonl(beginning: bytes) -> bool:
    """Whether the first line is a whole object and another line follows."""
    first, _, rest = beginning.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    try:
        return bool(rest.strip()) and isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _objects(events: Events) -> Iterator[object]:
    """The elements of top-level arrays and of arrays in a wrapper; every other top-level value is an object itself."""
    for event, value in events:
        if event == "start_array":
            yield from _elements(events)
        elif event == "start_map":
            yield from _of_map(events)
        else:
            yield value


def _elements(events: Events) -> Iterator[object]:
    for event, value in events:
        if event == "end_array":
            return
        yield _built(event, value, events)


def _of_map(events: Events) -> Iterator[object]:
    """The elements of a wrapper's array as they come; else the object, once it is complete."""
    whole: dict[str, object] = {}
    wraps = False
    for event, key in events:
        if event == "end_map":
            break
        event, value = next(events)
        if event == "start_array" and str(key).lower() in _WRAPPERS and "text" not in whole:
            wraps = True
            yield from _elements(events)
        else:
            whole[str(key)] = _built(event, value, events)
    if not wraps:
        yield whole


def _built(event: str, value: object, events: Events) -> object:
    """The value that begins with this event."""
    if event == "start_map":
        built: dict[str, object] = {}
        for inner, key in events:
            if inner == "end_map":
                return built
            built[str(key)] = _built(*next(events), events)
    if event == "start_array":
        return list(_elements(events))
    return value


class _Utf8:
    """Characters as UTF-8 bytes, which is what ijson reads."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int = -1, /) -> bytes:
        return self._text.read(size).removeprefix("\ufeff").encode()
