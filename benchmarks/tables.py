"""Writes the tables of README.md from the files in results/. Run it after a benchmark: python benchmarks/tables.py."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
BETWEEN = re.compile(r"(<!-- tables.*?-->\n).*(<!-- end of tables -->)", re.DOTALL)


def load(name: str) -> Any:
    """A result, or None where it has not been measured."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Lines of a Markdown table, and an empty one."""
    names = list(head)
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (names, ["---"] * len(names), *rows)]
    return [*lines, ""]


def retrieval() -> Iterator[str]:
    """nDCG@10 of every set side by side, then each set in full."""
    sets = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("retrieval-*.json"))]
    if not sets:
        return
    direct = (load("bert-direct") or {"results": {}})["results"]
    variants = list(sets[0]["results"])
    rows = [[name, *(one["results"][name]["ndcg@10"] for one in sets)] for name in variants]
    if all(one["dataset"] in direct for one in sets):
        rows.append(["*bert, direct*", *(direct[one["dataset"]]["ndcg@10"] for one in sets)])
    yield "## Retrieval, nDCG@10\n"
    shown = [[name, *(f"{value:.3f}" for value in values), f"{sum(values) / len(sets):.4f}"] for name, *values in rows]
    yield from table(["variant", *(one["dataset"] for one in sets), "mean"], shown)
    for one in sets:
        yield from in_full(one)


def in_full(one: dict[str, Any]) -> Iterator[str]:
    """All metrics of one set, and how each variant differs from bert."""
    counts = ", ".join(f"{value:,} {name}" for name, value in one["details"].items() if isinstance(value, int))
    yield f"### {one['dataset']} ({counts})\n"
    rows = []
    for name, figures in one["results"].items():
        other = one["comparisons"].get(name)
        against = "" if other is None else f"{other['difference']:+.3f} ({other['low']:+.3f} to {other['high']:+.3f})"
        rows.append([name, *(f"{v:.4f}" for v in figures.values()), against, (other and f"{other['p']:.4f}") or ""])
    yield from table(["variant", *next(iter(one["results"].values())), "nDCG@10 against bert (95 %)", "p"], rows)
    yield from (f"{name}: {value}\n" for name, value in one["details"].items() if isinstance(value, str))


def taxonomy() -> Iterator[str]:
    """Every set in full: figures by variant, and how each baseline differs from trivec."""
    sets = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("taxonomy-*.json"))]
    if sets:
        yield "## Taxonomy\n"
    for one in sets:
        facts = one["details"]
        counts = f"{facts['train']:,} texts to learn from, {facts['test']:,} to test, {facts['paths']} paths"
        yield f"### {one['dataset']} ({counts})\n"
        metrics = list(one["results"]["trivec"])
        rows = []
        for name, figures in one["results"].items():
            other = one["comparisons"].get(name)
            against = (
                "" if other is None else f"{other['difference']:+.3f} ({other['low']:+.3f} to {other['high']:+.3f})"
            )
            cells = [f"{figures[metric]:.4f}" if metric in figures else "" for metric in metrics]
            rows.append([name, *cells, against, (other and f"{other['p']:.4f}") or "", facts[f"seconds_{name}"]])
        yield from table(["variant", *metrics, "whole path against trivec (95 %)", "p", "seconds"], rows)
        chosen = {"hiclass": facts["hiclass_chosen"], "tuned": facts["tuned"], "threshold": facts["threshold"]}
        told = ("answered_whole", "answered_partly", "answers_right", "milliseconds_a_text")
        said = chosen | {name: facts[name] for name in told}
        yield ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said.items()) + "\n"


def trends() -> Iterator[str]:
    """Every set in full: figures by variant, and how each baseline differs from trivec, series by series."""
    sets = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("trends-*.json"))]
    if not sets:
        return
    yield "## Trends\n"
    shared = [name for name in sets[0]["results"] if all(name in one["results"] for one in sets)]
    means = {name: sum(one["results"][name]["mase"] for one in sets) / len(sets) for name in shared}
    by = {name: means["trivec"] / means[name] for name in shared}
    rows = [
        [name, *(f"{value:.3f}" for value in (*(one["results"][name]["mase"] for one in sets), means[name], by[name]))]
        for name in shared
    ]
    yield from table(["MASE", *(one["dataset"] for one in sets), "mean", "trivec by it"], rows)
    for one in sets:
        facts = one["details"]
        yield f"### {one['dataset']} ({facts['series']} series, {facts['known']} periods, {facts['origins']} origins)\n"
        rows = []
        for name, figures in one["results"].items():
            other = one["comparisons"].get(name)
            by = "" if other is None else f"{other['difference']:+.3f} ({other['low']:+.3f} to {other['high']:+.3f})"
            rows.append(
                [name, *(f"{value:.4f}" for value in figures.values()), by, (other and f"{other['p']:.4f}") or ""]
            )
        head = ["variant", *one["results"]["trivec"], "mean scaled error against trivec (95 %)", "p"]
        yield from table(head, rows)


def anomalies() -> Iterator[str]:
    """Every set in full: figures by variant, and how each baseline differs from trivec in AUROC."""
    sets = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("anomalies-*.json"))]
    if sets:
        yield "## Anomalies\n"
    for one in sets:
        facts = one["details"]
        counts = f"{facts['train']:,} normal texts, {facts['anomalies']} anomalies among {facts['test']:,} to test"
        yield f"### {one['dataset']} ({counts})\n"
        rows = []
        for name, figures in one["results"].items():
            other = one["comparisons"].get(name)
            by = "" if other is None else f"{other['difference']:+.3f} ({other['low']:+.3f} to {other['high']:+.3f})"
            cells = [f"{value:.4f}" for value in figures.values()]
            rows.append([name, *cells, by, (other and f"{other['p']:.4f}") or "", facts[f"seconds_{name}"]])
        head = ["variant", *one["results"]["trivec"], "AUROC against trivec (95 %)", "p", "seconds"]
        yield from table(head, rows)
        views = ", ".join(f"{name[9:]} {value:.3f}" for name, value in facts.items() if name.startswith("auroc_of_"))
        k, weight = facts["neighbours_of_baselines"], facts["meaning_weight"]
        yield f"AUROC of each view: {views}; weight of meaning {weight}; baselines and detectors: {k} neighbours.\n"
    if cost := load("anomaly-cost"):
        yield (
            f"Scoring {cost['passages']:,} passages adds {cost['scoring_share']:.1%} to their ingestion "
            f"({cost['seconds_scoring']} s to {cost['seconds_ingestion']} s, one thread, one run).\n"
        )


def map_() -> Iterator[str]:
    """The map beside k-means, a line for each collection."""
    if one := load("map"):
        yield "## The map\n"
        yield f"`{one['command']}`; purity counts the commonest label of each cell, k-means has as many cells.\n"
        columns = list(next(iter(one["results"].values())))
        rows = [[name, *figures.values()] for name, figures in one["results"].items()]
        yield from table(["collection", *(column.replace("_", " ") for column in columns)], rows)


def words() -> Iterator[str]:
    """Word pairs and analogies."""
    if one := load("words"):
        yield "## Words\n"
        rows = [[name, *(f"{key} {value:.3f}" for key, value in of.items())] for name, of in one["results"].items()]
        yield from table(["variant", "figure", "share of the list covered"], rows)


def benchmark(name: str, title: str) -> Iterator[str]:
    """Nested figures as lines."""
    if one := load(name):
        yield f"## {title}\n"
        yield f"`{one['command']}`\n"
        hidden = {"command", "benchmark"}
        yield from table(["measured", ""], flat({key: value for key, value in one.items() if key not in hidden}))


def flat(value: object, name: str = "") -> list[list[object]]:
    """`{"a": {"b": 1}}` as the line `a / b`, 1."""
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in flat(inner, f"{name} / {key}" if name else str(key))]
    return [[name, value]]


def main() -> None:
    """Rewrite what stands between the two marks."""
    lines = [
        *retrieval(),
        *taxonomy(),
        *trends(),
        *anomalies(),
        *map_(),
        *benchmark("map_page", "The page Map with 100,000 documents"),
        *words(),
        *benchmark("ingest", "Ingestion"),
        *benchmark("ingest-100k", "Ingestion of 100,000 documents"),
        *benchmark("forecasts", "Forecasts of 500 series"),
        *benchmark("fused_cost", "What a trained fused vector adds to ingestion"),
        *benchmark("search", "Search"),
        *benchmark("node_indexing", "Searching while writing and indexing"),
    ]
    readme = HERE / "README.md"
    text = "\n".join(lines)
    readme.write_text(BETWEEN.sub(lambda marks: f"{marks[1]}\n{text}\n{marks[2]}", readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
