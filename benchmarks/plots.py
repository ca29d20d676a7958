"""Draws the results that are compared as pictures for the docs, losses included: python benchmarks/plots.py."""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

RESULTS = Path(__file__).parent / "results"
IMAGES = Path(__file__).parents[1] / "docs" / "images"
BEST, USUAL, AGAINST = "#2a6f97", "#a9c6d9", "#555555"
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "trivec",
    "svg.fonttype": "none",
}


def load(pattern: str) -> list[dict[str, Any]]:
    """Results in the order of their names."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob(pattern))]


def retrieval(sets: list[dict[str, Any]]) -> None:
    """How each variant differs from bert on each set, with its 95 % interval: left of the line is worse."""
    names = [name for name in sets[0]["results"] if name != "bert"][::-1]
    figure, panels = pyplot.subplots(1, len(sets), sharey=True, figsize=(2.4 * len(sets) + 1, 0.27 * len(names) + 1))
    for panel, one in zip(panels, sets, strict=True):
        for row, name in enumerate(names):
            seen = one["comparisons"][name]
            errors = [[seen["difference"] - seen["low"]], [seen["high"] - seen["difference"]]]
            colour = BEST if name in ("fused", "hybrid") else USUAL
            panel.errorbar(seen["difference"], row, xerr=errors, fmt="o", color=colour, capsize=2, markersize=4)
        panel.axvline(0, color=AGAINST, linewidth=0.8)
        panel.set_title(f"{one['dataset']} (bert {one['results']['bert']['ndcg@10']:.3f})", fontsize=9)
        panel.set_yticks(range(len(names)), names)
    figure.supxlabel("nDCG@10 minus that of bert, 95 % bootstrap interval", fontsize=9)
    save(figure, "retrieval")


def taxonomy(sets: list[dict[str, Any]]) -> None:
    """Accuracy at the leaves by method and set."""
    names = list(sets[0]["results"])
    figure, axes = pyplot.subplots(figsize=(7, 2.8))
    width = 0.8 / len(names)
    for number, name in enumerate(names):
        heights = [leaf(one["results"][name]) for one in sets]
        places = [place + (number - (len(names) - 1) / 2) * width for place in range(len(sets))]
        colour = BEST if name == "trivec" else (USUAL, "#c9d8c5", "#e0d3c2", "#d6c6dd")[number % 4]
        axes.bar_label(axes.bar(places, heights, width, label=name, color=colour), fmt="%.3f", fontsize=7)
    axes.set_xticks(range(len(sets)), [one["dataset"] for one in sets])
    axes.set_ylim(0.5, 1.02)
    axes.set_ylabel("accuracy at the leaf, test")
    axes.legend(frameon=False, ncols=len(names), loc="upper center", bbox_to_anchor=(0.5, 1.2))
    save(figure, "taxonomy")


def leaf(figures: dict[str, float]) -> float:
    """Accuracy at the deepest level."""
    return figures[max(name for name in figures if name.startswith("accuracy_level_"))]


def save(figure: Any, name: str) -> None:
    """As SVG, the same bytes for the same figures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    figure.savefig(IMAGES / f"{name}.svg", bbox_inches="tight", metadata={"Date": None})


def main() -> None:
    """Draw whatever has been measured."""
    mpl.use("Agg")
    pyplot.rcParams.update(STYLE)
    for draw, pattern in ((retrieval, "retrieval-*.json"), (taxonomy, "taxonomy-*.json")):
        if sets := load(pattern):
            draw(sets)


if __name__ == "__main__":
    main()
