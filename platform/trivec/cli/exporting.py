"""Export files: their kind is their suffix."""

from pathlib import Path
from typing import Literal

from trivec.errors import BadInput

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "jsonl")


def kind_of(path: Path) -> Format:
    """The format that a file's name asks for."""
    for kind in FORMATS:
        if path.suffix.lower() == f".{kind}":
            return kind
    raise BadInput(f"{path.name!r} names no format: end it with {', '.join('.' + kind for kind in FORMATS)}")
