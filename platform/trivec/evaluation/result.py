"""What a measurement says: figures by variant, as a table for people and JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trivec.records import Scalar

if TYPE_CHECKING:
    from rich.table import Table

Figures = Mapping[str, Mapping[str, float]]  # variant -> metric -> value


@dataclass(frozen=True)
class Comparison:
    """How a variant differs from the one it is held against, in the mean of one metric.

    Attributes:
        against: the other variant.
        metric: what is compared.
        difference: ours minus theirs.
        low: lower end of the 95 % bootstrap interval of the difference.
        high: upper end of it.
        p: two-sided, of the paired randomisation test.
    """

    against: str
    metric: str
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Result:
    """One capability measured on one data set.

    Attributes:
        dataset: name of the data's folder.
        capability: `retrieval`, `words`, ...
        seconds: the whole measurement took.
        results: variant -> metric -> value, names lower-case as in the literature.
        comparisons: variant -> how sure its difference is.
        details: counts and settings that belong to the figures.
    """

    dataset: str
    capability: str
    seconds: float
    results: Figures
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    details: Mapping[str, Scalar] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Plain values; `dataset`, `capability`, `seconds` and `results` are what programs rely on."""
        return asdict(self)


def mean(results: Sequence[Result]) -> Result:
    """The plain mean over data sets, of the variants and metrics that all of them have."""
    first = results[0]
    shared = [variant for variant in first.results if all(variant in other.results for other in results)]
    figures = {
        variant: {
            metric: sum(other.results[variant][metric] for other in results) / len(results)
            for metric in first.results[variant]
            if all(metric in other.results[variant] for other in results)
        }
        for variant in shared
    }
    seconds = sum(other.seconds for other in results)
    return Result(f"mean of {len(results)}", first.capability, seconds, figures)


def with_mean(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results, and their mean behind them where there are several."""
    return (*results, mean(results)) if len(results) > 1 else tuple(results)


def write(results: Sequence[Result], path: Path) -> None:
    """One data set as one object; several as a list with their mean last."""
    held = [result.to_json() for result in with_mean(results)] if len(results) > 1 else results[0].to_json()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def table(result: Result) -> "Table":
    """The figures as people read them, with the comparison beside them."""
    from rich.table import Table

    metrics = list(dict.fromkeys(metric for figures in result.results.values() for metric in figures))
    drawn = Table(title=f"{result.dataset}: {result.capability}", caption=_caption(result))
    drawn.add_column("variant")
    for metric in metrics:
        drawn.add_column(metric, justify="right")
    if result.comparisons:
        one = next(iter(result.comparisons.values()))
        drawn.add_column(f"{one.metric} against {one.against} (95 %)", justify="right")
        drawn.add_column("p", justify="right")
    for variant, figures in result.results.items():
        cells = [f"{figures[metric]:.4f}" if metric in figures else "" for metric in metrics]
        drawn.add_row(variant, *cells, *_compared(result.comparisons.get(variant)))
    return drawn


def _compared(one: Comparison | None) -> tuple[str, ...]:
    if one is None:
        return ()
    return f"{one.difference:+.4f} ({one.low:+.4f} to {one.high:+.4f})", f"{one.p:.4f}"


def _caption(result: Result) -> str:
    details = ", ".join(f"{name} {value}" for name, value in result.details.items())
    return f"{details}{'; ' if details else ''}{result.seconds:.0f} s"
