"""The gate: only what is better on the same items gets through, and what it decides is on record."""

import json
from pathlib import Path

import numpy as np
import pytest

from trivec.errors import BadInput
from trivec.registry import Registry
from trivec.services import gate
from trivec.services.gate import Scores


def scores(mean: float, *, items: int = 200, seed: int = 1) -> Scores:
    """Right or wrong, item by item."""
    return (np.random.default_rng(seed).random(items) < mean).astype(np.float64)


def save(registry: Registry, folder: Path, name: str) -> str:
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps({"weights": [1.0]}))
    return registry.save(name, folder, parameters={}, metrics={}, data_hash="")


def test_a_challenger_that_is_better_beyond_luck_passes_with_its_figures() -> None:
    verdict = gate.judge(scores(0.9), scores(0.7), metric="accuracy")
    assert verdict.promote
    assert verdict.low <= verdict.difference <= verdict.high
    assert verdict.difference == pytest.approx(verdict.challenger - verdict.champion)
    assert verdict.p < 0.05
    for figure in ("accuracy", f"{verdict.challenger:.4f}", f"{verdict.champion:.4f}", "200 items"):
        assert figure in verdict.reason


def test_a_difference_that_luck_explains_does_not_replace_a_champion() -> None:
    champion = scores(0.7)
    challenger = champion.copy()
    challenger[int(np.argmin(challenger))] = 1.0
    verdict = gate.judge(challenger, champion, metric="accuracy")
    assert verdict.difference > 0
    assert not verdict.promote
    assert "not better than" in verdict.reason


def test_a_worse_challenger_is_refused_however_sure_the_test_is() -> None:
    verdict = gate.judge(scores(0.5), scores(0.9), metric="accuracy")
    assert verdict.p < 0.05
    assert not verdict.promote


def test_a_first_model_must_not_be_worse_than_the_baseline() -> None:
    baseline = scores(0.7)
    assert gate.judge(baseline, None, metric="ndcg@10", baseline=baseline, baseline_name="concatenation").promote
    worse = gate.judge(baseline - 0.01, None, metric="ndcg@10", baseline=baseline, baseline_name="concatenation")
    assert not worse.promote
    assert "worse than" in worse.reason
    assert "concatenation" in worse.reason


def test_a_refusal_is_on_record_and_the_champion_stays(registry: Registry, tmp_path: Path) -> None:
    good, bad = scores(0.9), scores(0.5)
    champion = save(registry, tmp_path / "good", "gate.taxonomy")
    gate.record(registry, champion, gate.judge(good, None, metric="accuracy", baseline=bad))
    challenger = save(registry, tmp_path / "bad", "gate.taxonomy")
    verdict = gate.judge(bad, good, metric="accuracy")
    gate.record(registry, challenger, verdict)
    assert registry.champion("gate.taxonomy") == champion
    assert [(e.action, e.version) for e in registry.promotions("gate.taxonomy")] == [("promote", 1), ("refuse", 2)]
    assert registry.promotions("gate.taxonomy")[-1].reason == verdict.reason


@pytest.mark.parametrize(
    ("challenger", "champion"),
    [(np.ones(3), np.ones(4)), (np.ones(0), np.ones(0)), (np.array([1.0, np.nan]), np.ones(2)), (np.ones(2), None)],
)
def test_what_cannot_be_compared_is_no_verdict(challenger: Scores, champion: Scores | None) -> None:
    with pytest.raises(BadInput):
        gate.judge(challenger, champion, metric="accuracy")
