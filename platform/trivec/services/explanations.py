"""What each word of a question added to a hit, exactly, for sources whose score is a sum over words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from trivec.records import AnalysedText, Hit, SparseVectors, WordContribution
from trivec.services.question_vectors import QueryEncoders
from trivec.store import Store
from trivec.store.generation import Generation
from trivec.store.vectors import SparseRow, row


def word_contributions(
    hits: Sequence[Hit],
    points: Mapping[str, str],
    question: AnalysedText,
    *,
    generation: Generation,
    encoders: QueryEncoders,
    store: Store,
) -> tuple[Hit, ...]:
    """The hits with `words` filled in for every sparse source that contributed to any of them.

    Each word is asked alone, so inverse document frequencies are Qdrant's own. A word's share of the source's raw
    score is its share of what the source added to the hit.

    Args:
        hits: to explain.
        points: the point of each hit's passage, by document.
        question: as it was encoded.
        generation: that answered.
        encoders: of this generation.
        store: where it is.
    """
    sparse = [spec.name for spec in generation.specs if spec.kind == "sparse"]
    for name in (name for name in sparse if any(name in hit.contributions for hit in hits)):
        words = _words(name, question, encoders)
        scores = store.term_scores(generation, name, list(words.values()), list(points.values()))
        by_word = dict(zip(words, scores, strict=True))
        hits = [_explained(hit, name, points[hit.document_id], by_word) for hit in hits]
    return tuple(hits)


def _words(name: str, question: AnalysedText, encoders: QueryEncoders) -> dict[str, SparseRow]:
    """Each distinct entry of the question's vector under the words that share its stem, as written."""
    encoded = encoders.encode_queries([question], [name])[name]
    whole = row(encoded, 0)
    if not isinstance(whole, SparseRow):
        return {}
    values = dict(zip(whole.indices.tolist(), whole.values.tolist(), strict=True))
    pairs = dict.fromkeys(zip(question.tokens, question.terms, strict=True))
    alone = [AnalysedText(token, (token,), (term,)) for token, term in pairs]
    of_words = encoders.encode_queries(alone, [name])[name]
    if not isinstance(of_words, SparseVectors):
        return {}
    written: dict[int, list[str]] = {}
    for number, (token, _term) in enumerate(pairs):
        for index in of_words.indices[of_words.starts[number] : of_words.starts[number + 1]].tolist():
            written.setdefault(index, []).append(token)
    return {" ".join(written[index]): _entry(index, value) for index, value in values.items() if index in written}


def _entry(index: int, value: float) -> SparseRow:
    return SparseRow(np.array([index], np.int64), np.array([value], np.float32))


def _explained(hit: Hit, name: str, point: str, by_word: Mapping[str, Mapping[str, float]]) -> Hit:
    shares = {word: scores[point] for word, scores in by_word.items() if scores.get(point)}
    whole = sum(shares.values())
    if not whole or name not in hit.contributions:
        return hit
    scale = hit.contributions[name] / whole
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    words = tuple(WordContribution(word, name, share * scale) for word, share in ordered)
    return replace(hit, words=(*hit.words, *words))
