"""What the same BERT model gives without Trivec: plain SentenceTransformer, one truncated vector a document.

    python benchmarks/bert_direct.py DIR [DIR ...] [--json FILE]

The yardstick for `trivec evaluate retrieval`'s variant `bert`, on the same data and with the same figures.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from trivec.encoders.model_files import MINILM, find_model
from trivec.evaluation.datasets import RetrievalData, read_retrieval
from trivec.metrics.ranking import ranking_metrics

DEPTH = 100


def measure(data: RetrievalData, model_name: str) -> dict[str, float]:
    """nDCG@10, recall@100 and MRR@10 of cosine over whole documents, cut off where the model stops reading."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(model_name)), device="cpu")
    texts = [f"{document.title}\n{document.text}" if document.title else document.text for document in data.documents]
    options = {"normalize_embeddings": True, "show_progress_bar": False, "batch_size": 32}
    documents = np.asarray(model.encode(texts, **options))
    questions = np.asarray(model.encode(list(data.queries.values()), **options))
    order = np.argsort(-(questions @ documents.T), axis=1, kind="stable")[:, :DEPTH]
    ids = [document.id for document in data.documents]
    rankings = {query: [ids[row] for row in rows] for query, rows in zip(data.queries, order, strict=True)}
    return {name: float(values.mean()) for name, values in ranking_metrics(data.judgements, rankings).items()}


def main() -> None:
    """Measure each folder, print and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--model", default=MINILM)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = {}
    for folder in options.folders:
        started = time.monotonic()
        figures = measure(read_retrieval(folder), options.model)
        results[folder.name] = {**figures, "seconds": round(time.monotonic() - started, 1)}
        print(folder.name, " ".join(f"{name} {value:.4f}" for name, value in figures.items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps({"model": options.model, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
