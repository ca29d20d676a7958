"""A set of anomalies is measured with nothing running, beside nearest neighbours and PyOD's detectors."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.core.learning.anomalies.small_corpus import spam, texts
from trivec.errors import BadInput
from trivec.evaluation import anomalies
from trivec.evaluation.datasets import read_anomalies
from trivec.records import DenseVectors


def write(folder: Path, part: str, rows: Sequence[dict[str, object]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{part}.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data") / "talk"
    normal, odd = texts(80, seed=2).texts, spam(20, seed=3).texts
    write(made, "train", [{"id": str(n), "text": text} for n, text in enumerate(texts(300, seed=1).texts)])
    test = [(text, 0) for text in normal] + [(text, 1) for text in odd]
    write(made, "test", [{"id": str(n), "text": text, "anomaly": odd} for n, (text, odd) in enumerate(test)])
    return made


def encode(said: Sequence[str]) -> DenseVectors:
    """Vectors that know the topic and nothing else."""
    known = {text: row for seed in (1, 2, 3) for text, row in _known(seed)}
    return DenseVectors(np.array([known[text] for text in said], np.float32), np.ones(len(said), np.bool_))


def _known(seed: int) -> Sequence[tuple[str, np.ndarray]]:
    both = (texts(300 if seed == 1 else 80, seed=seed), spam(20, seed=seed))
    return [pair for each in both for pair in zip(each.texts, each.vectors["bert"], strict=True)]


def test_every_variant_is_measured_and_held_against_ours(folder: Path) -> None:
    result = anomalies.evaluate(folder, encode=encode, detectors=("lof", "iforest"))
    assert set(result.results) == {"trivec", "knn_bert", "knn_tfidf", "lof", "iforest"}
    assert all(set(figures) == {"auroc", "auprc", "false_alarms@0.05"} for figures in result.results.values())
    assert result.results["trivec"]["auroc"] > 0.95
    assert result.results["knn_bert"]["auroc"] < 0.8
    assert result.comparisons["knn_bert"].high < 0
    assert result.details["auroc_of_form"] > 0.9


def test_what_cannot_be_used_is_said_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "train", [{"id": "1", "text": "a"}])
    write(tmp_path, "test", [{"id": "1", "text": "a", "anomaly": "yes"}])
    with pytest.raises(BadInput, match="line 1 has no 0 or 1 in 'anomaly' but 'yes'"):
        read_anomalies(tmp_path)
    write(tmp_path, "test", [{"id": "1", "text": "a", "anomaly": 0}])
    with pytest.raises(BadInput, match="0 anomalies among 1 texts"):
        read_anomalies(tmp_path)
