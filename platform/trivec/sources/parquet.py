"""Parquet: rows come out, one batch of a row group at a time."""

import io

from trivec.errors import BadInput, MissingExtra
from trivec.sources.base import Row, Rows
from trivec.sources.streams import seekable

_BATCH = 512  # rows in memory at once


def read_parquet(stream: io.BufferedReader, name: str) -> Rows:
    """Every row with the types of its columns; `line` is the row."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("pyarrow", "sources") from error
    with seekable(stream) as file:
        number = 0
        try:
            for batch in pq.ParquetFile(file, pre_buffer=False).iter_batches(_BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, values, number)
        except pa.ArrowException as error:
            raise BadInput(f"{name} cannot be read as Parquet after row {number}: {error}") from error
