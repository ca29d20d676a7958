"""The map beside k-means with as many cells: seconds, topographic error, label purity, on vectors of real documents.

python benchmarks/map.py DIR... [--cache FOLDER] [--corpus NAME] [--documents 20000] [--json FILE]

DIR holds documents in a layout of data/README.md (taxonomy, trends); they are encoded as `bert`. A corpus of a running
Trivec is measured on each of its dense vectors.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans

from trivec.evaluation.datasets import read_lines
from trivec.evaluation.machine import machine
from trivec.evaluation.sentences import sentence_encoder
from trivec.learning import som
from trivec.learning.som import SomOptions
from trivec.metrics.clusters import purity
from trivec.records import Floats2d
from trivec.services.container import Container
from trivec.settings import Settings

HERE = Path(__file__).parent
CHARACTERS = 1500  # of a document that are encoded; the encoder reads hardly more
SEEDS = 3  # of k-means, which depends on them


@dataclass(frozen=True)
class Collection:
    """Documents to lay out: unit vectors, and the label of each, "" where it has none."""

    name: str
    vectors: Floats2d
    labels: tuple[str, ...]


def main() -> None:
    """Measure every collection and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--cache", type=Path, help="keeps encoded vectors")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--json", type=Path, default=HERE / "results" / "map.json")
    options = parser.parse_args()
    services, facts = Container(Settings()), machine()
    folders = (of_folder(folder, services, options.cache) for folder in options.folders)
    corpora = (one for name in options.corpus for one in of_corpus(name, services))
    results = {}
    for collection in chain(folders, corpora):
        results[collection.name] = measured(fewer(collection, options.documents))
        print(json.dumps({collection.name: results[collection.name]}, indent=1), flush=True)
    measured_on = [f"data/.../{one.name}" for one in options.folders] + [f"--corpus {one}" for one in options.corpus]
    held = {"command": f"python benchmarks/map.py {' '.join(measured_on)}", "machine": facts, "results": results}
    options.json.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def measured(collection: Collection) -> dict[str, float | int | str]:
    """One map and the mean of some k-means; purity counts the documents that have a label."""
    started, worked = time.perf_counter(), time.process_time()
    model = som.train(collection.vectors, options=SomOptions(projection="pca"))
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    labelled = [row for row, label in enumerate(collection.labels) if label]
    labels = [collection.labels[row] for row in labelled]

    def pure(cells: Sequence[int]) -> float:
        return purity([cells[row] for row in labelled], labels)

    means = [KMeans(model.grid.cells, n_init=1, random_state=seed).fit(collection.vectors) for seed in range(SEEDS)]
    ours = pure(model.nearest(collection.vectors).cells[:, 0].tolist())
    theirs = [pure(one.labels_.tolist()) for one in means]
    return {
        "documents": len(collection.vectors),
        "labels": len(set(labels)),
        "grid": f"{model.grid.rows} x {model.grid.columns}",
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "topographic_error": round(model.quality.topographic, 4),
        "quantisation_error": round(model.quality.quantisation, 4),
        "purity": round(ours, 4),
        "purity_kmeans": round(float(np.mean(theirs)), 4),
        "difference": round(ours - float(np.mean(theirs)), 4),
    }


def fewer(collection: Collection, most: int) -> Collection:
    """The same documents, drawn by chance where there are more."""
    if len(collection.vectors) <= most:
        return collection
    rows = np.sort(np.random.default_rng(0).choice(len(collection.vectors), most, replace=False))
    return Collection(collection.name, collection.vectors[rows], tuple(collection.labels[row] for row in rows))


def of_folder(folder: Path, services: Container, cache: Path | None) -> Collection:
    """Every document of a data set; a taxonomy's label is the end of its path, another's the first it has."""
    names = ("documents", "train", "test")
    found = [path for name in names if (path := folder / f"{name}.jsonl.gz").exists()]
    rows = [row for path in found for row, _ in read_lines(path)]
    end = 0 if found[0].name.startswith("documents") else -1
    labels = tuple(str(row["labels"][end]) if row["labels"] else "" for row in rows)  # type: ignore[index]
    kept = cache / f"{folder.name}.npy" if cache else None
    if kept and kept.exists():
        return Collection(folder.name, np.load(kept), labels)
    encode = sentence_encoder(services)
    texts = [f"{row.get('title', '')}\n{row['text']}".strip()[:CHARACTERS] for row in rows]
    vectors = encode(texts).values
    if kept:
        np.save(kept, vectors)
    return Collection(folder.name, vectors, labels)


def of_corpus(corpus: str, services: Container) -> Iterator[Collection]:
    """A stored corpus on each of its dense vectors, one document for each first passage that has the vector."""
    generation = services.store.current(corpus)
    for name in (spec.name for spec in generation.specs if spec.kind == "dense"):
        vectors, labels = [], []
        for point in services.store.scroll(generation, with_vectors=[name], size=1000):
            vector = point.dense(name)
            if vector is not None and point.passage.passage.number == 0:
                vectors.append(vector)
                labels.append(point.passage.labels[-1] if point.passage.labels else "")
        yield Collection(f"{corpus} ({name})", np.array(vectors), tuple(labels))


if __name__ == "__main__":
    main()
