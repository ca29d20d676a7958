"""Hits as a table to take away."""

import pandas as pd

from trivec.api.schemas import HitAnswer


def hits_csv(hits: list[HitAnswer]) -> bytes:
    """One row per hit, with each vector's rank and score, as UTF-8 CSV."""
    rows = [
        {"document_id": hit.document_id, "score": hit.score, "title": hit.title, "date": hit.date, "source": hit.source}
        | {"labels": " > ".join(hit.labels), "passage": hit.passage}
        | {f"{name}_rank": seen.rank for name, seen in hit.sources.items()}
        | {f"{name}_score": seen.score for name, seen in hit.sources.items()}
        for hit in hits
    ]
    return pd.DataFrame(rows).to_csv(index=False).encode()
