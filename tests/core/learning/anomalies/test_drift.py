"""A planted shift raises the alarm; the same corpus shuffled does not, whatever the seed."""

import numpy as np
import pytest

from tests.core.learning.anomalies.small_corpus import strangers, texts
from trivec.errors import BadInput
from trivec.learning.anomalies import drift

SEEDS = range(100)


def test_the_same_corpus_shuffled_raises_no_more_alarms_than_chance_allows() -> None:
    rows = texts(600, seed=1).vectors["bert"]
    found = []
    for seed in SEEDS:
        shuffled = rows[np.random.default_rng(seed).permutation(len(rows))]
        found.append(drift.compare(shuffled[:200], shuffled[200:400], rounds=199, seed=seed))
    assert sum(each.p_value <= 0.05 for each in found) <= 12  # 5 expected
    assert sum(each.alarm for each in found) <= 5  # 1 expected


@pytest.mark.parametrize("share", [0.3, 0.5, 1.0])
def test_documents_from_elsewhere_raise_the_alarm_every_time(share: float) -> None:
    rows, other = texts(600, seed=1).vectors["bert"], strangers(200, seed=2).vectors["bert"]
    for seed in range(20):
        mixed = rows[np.random.default_rng(seed).permutation(len(rows))]
        planted = round(200 * share)
        incoming = np.concatenate([mixed[200 : 400 - planted], other[:planted]])
        assert drift.compare(mixed[:200], incoming, rounds=199, seed=seed).alarm


def test_too_few_documents_are_not_compared() -> None:
    rows = texts(100, seed=1).vectors["bert"]
    with pytest.raises(BadInput, match="100 and 5 texts are too few"):
        drift.compare(rows, rows[:5])
