"""Figures of models: how they are written, and which of several is the best."""

import math
from collections.abc import Iterable, Mapping, Sequence

LESS_IS_BETTER = ("loss", "ece", "mase", "error", "false_alarms")
MORE_IS_BETTER = ("accuracy", "f1", "ndcg", "recall", "mrr", "agreement", "auroc", "auprc", "spearman", "coverage")
TRAINING = "validation"  # begins the names of what was measured while training
CONTEXT = ("agreement_before",)  # what a version was held against, not what it reached

Metrics = Mapping[str, float | None]


def columns(rows: Sequence[Metrics]) -> list[str]:
    """Names of all metrics: first what versions are judged by, then what else tells good from bad, then counts."""
    names = dict.fromkeys(name for row in rows for name in row)
    return sorted(names, key=lambda name: (direction(name) == 0, name.startswith(TRAINING)))


def direction(name: str) -> int:
    """1 where more is better, -1 where less is, 0 where neither is."""
    if name in CONTEXT:
        return 0
    if _holds(name, LESS_IS_BETTER):
        return -1
    return 1 if _holds(name, MORE_IS_BETTER) else 0


def best(name: str, rows: Sequence[Metrics]) -> float | None:
    """The best value of a metric; None where none is best, or where there is nothing to compare."""
    values = [value for row in rows if (value := row.get(name)) is not None and math.isfinite(value)]
    if len(set(values)) < 2 or direction(name) == 0:
        return None
    return max(values) if direction(name) > 0 else min(values)


def written(value: float | None) -> str:
    """Four decimals, or a whole number with its thousands.

    >>> written(0.91237), written(12400.0), written(None)
    ('0.9124', '12,400', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value.is_integer() and abs(value) > 1 else f"{value:.4f}"


def title(name: str) -> str:
    """A metric's name for people.

    >>> title("validation_macro_f1")
    'validation macro f1'
    """
    return name.replace("_", " ")


def _holds(name: str, words: Iterable[str]) -> bool:
    return any(word in name.lower() for word in words)
