"""Plain text: a file is one document, called by its name."""

import io
from pathlib import PurePosixPath

from trivec.sources.base import Limits, Row, Rows
from trivec.sources.encodings import decoded
from trivec.sources.streams import whole


def read_text(stream: io.BufferedReader, name: str) -> Rows:
    """The file as one row."""
    yield Row(1, {"title": title_of(name), "text": decoded(whole(stream, name, Limits()))})


def title_of(name: str) -> str:
    """`reports/the_year-1999.txt` -> `the year-1999`."""
    return PurePosixPath(name).stem.replace("_", " ").strip()
