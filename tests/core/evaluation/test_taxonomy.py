"""A set of labelled paths is measured with nothing running, by our classifier and by the usual ones."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from trivec.encoders.exported import open_model
from trivec.encoders.model_files import MINILM
from trivec.errors import BadInput
from trivec.evaluation import taxonomy
from trivec.evaluation.datasets import read_taxonomy
from trivec.evaluation.result import Result
from trivec.evaluation.taxonomy import Answers
from trivec.learning.taxonomy import TaxonomyOptions

WORDS = {
    ("sports", "football"): "goal striker penalty keeper league offside",
    ("sports", "tennis"): "serve racket volley baseline umpire deuce",
    ("money", "banks"): "loan deposit interest mortgage credit teller",
    ("money",): "lawsuit verdict judge fraud settlement appeal",
}


def rows(each: int, *, seed: int) -> list[dict[str, object]]:
    chance = Random(seed)
    made = [
        {"text": f"They spoke of {', '.join(chance.choices(words.split(), k=2))}.", "labels": list(path)}
        for path, words in WORDS.items()
        for _ in range(each)
    ]
    chance.shuffle(made)
    return [{"id": str(number), **row} for number, row in enumerate(made)]


def write(folder: Path, part: str, content: Sequence[dict[str, object]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{part}.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, content)).encode()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data") / "talk"
    write(made, "train", rows(20, seed=1))
    write(made, "test", rows(8, seed=2))
    return made


@pytest.fixture(scope="module")
def result(folder: Path, pytestconfig: pytest.Config) -> Result:
    cache: Path = pytestconfig.cache.mkdir("encoders")  # type: ignore[union-attr]
    return taxonomy.evaluate(
        folder, encode=open_model(MINILM, cache=cache, threads=1).encode, options=TaxonomyOptions(tune="")
    )


def test_every_variant_and_metric_of_the_design_is_measured(result: Result) -> None:
    assert (result.dataset, result.capability) == ("talk", "taxonomy")
    assert set(result.results) == {"trivec", "logistic_minilm", "logistic_tfidf", "hiclass"}
    wanted = {"accuracy_level_1", "accuracy_level_2", "macro_f1", "hierarchical_f1", "valid_paths", "ece"}
    assert set(result.results["trivec"]) == wanted
    assert all(wanted - {"ece"} <= set(figures) for figures in result.results.values())
    assert all(0 <= value <= 1 for figures in result.results.values() for value in figures.values())


def test_what_is_easy_is_found_easy_by_all(result: Result) -> None:
    assert all(figures["accuracy_level_1"] > 0.8 for figures in result.results.values())
    assert all(figures["valid_paths"] == 1 for figures in result.results.values())


def test_every_baseline_is_compared_with_ours_text_by_text(result: Result) -> None:
    assert set(result.comparisons) == set(result.results) - {"trivec"}
    for name, one in result.comparisons.items():
        assert (one.against, one.metric) == ("trivec", "whole_path")
        ours, theirs = result.details["whole_path_trivec"], result.details[f"whole_path_{name}"]
        assert one.difference == pytest.approx(float(theirs) - float(ours), abs=1e-3)
        assert one.low <= one.difference <= one.high
        assert 0 < one.p <= 1


def test_what_happened_is_told(result: Result) -> None:
    assert (result.details["train"], result.details["test"], result.details["paths"]) == (80, 32, 4)
    assert result.details["tuned"] is False
    assert float(result.details["milliseconds_a_text"]) > 0
    assert {"answered_whole", "answers_right", "threshold", "hiclass_chosen", "seconds_trivec"} <= set(result.details)


def test_a_level_counts_the_texts_that_reach_it() -> None:
    right = [("a", "a1"), ("b",), ("c", "c1")]
    answers = Answers((("a", "a2"), ("b",), ("c", "c1")), np.array([0.5, 0.9, 0.8]), 0.0)
    figures = taxonomy.metrics(answers, right, {*right, ("a", "a2")})
    assert figures["accuracy_level_1"] == 1.0
    assert figures["accuracy_level_2"] == 0.5
    assert figures["ece"] == pytest.approx((0.5 + 0.1 + 0.2) / 3)


def test_paths_are_read_as_they_stand_and_texts_cleaned(folder: Path) -> None:
    data = read_taxonomy(folder)
    assert (data.name, len(data.train), len(data.test)) == ("talk", 80, 32)
    assert {example.labels for example in data.train} == set(WORDS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([{"id": "1", "text": "a", "labels": []}], "line 1 has no path of labels in 'labels' but \\[\\]"),
        ([{"id": "1", "text": "a", "labels": "sports"}], "line 1 has no path of labels"),
        ([{"id": "1", "text": "a"}], "but None"),
        ([{"id": "1", "labels": ["a"]}], "line 1 has no text in 'text'"),
        ([{"id": "1", "text": " \u200b ", "labels": ["a"]}], "holds 0 texts to train on and 1 to test with"),
    ],
)
def test_what_is_wrong_with_a_set_is_named(tmp_path: Path, content: list[dict[str, object]], said: str) -> None:
    write(tmp_path / "bad", "test", [{"id": "1", "text": "a", "labels": ["a"]}])
    with pytest.raises(BadInput, match=r"no train\.jsonl"):
        read_taxonomy(tmp_path / "bad")
    write(tmp_path / "bad", "train", content)
    with pytest.raises(BadInput, match=said):
        read_taxonomy(tmp_path / "bad")
