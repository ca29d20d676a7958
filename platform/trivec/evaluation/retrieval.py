"""How well Trivec finds what people judged relevant: every single vector, and their fusions, on any BEIR-style set.

The documents go through the services of production into a node of its own; every judged question is then asked as a
user would ask it, once per variant; then the fusion is trained, without any judgement, and asked too. A document counts
at its best passage.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Final

from trivec.errors import BadQuery
from trivec.evaluation.datasets import RetrievalData, read_retrieval
from trivec.evaluation.own_services import CORPUS, Say, ingest, own_services
from trivec.evaluation.questions import EncodedQuestions
from trivec.evaluation.result import Comparison, Result
from trivec.metrics.ranking import Floats, Rankings, ranking_metrics
from trivec.metrics.significance import bootstrap_interval, randomisation_test
from trivec.services.container import Container
from trivec.services.search import SearchRequest, SearchService
from trivec.store.generation import Generation
from trivec.text.analyser import default_analyser

DEPTH: Final = 100  # documents asked for: as deep as recall@100 looks
AGAINST: Final = "bert"
COMPARED: Final = "ndcg@10"
_OPERATORS: Final = re.compile(
    r"[\"\u201c\u201d]|(?<!\S)-+(?=\S)"
)  # of our query language; judged questions are plain text
_TOLD_EVERY: Final = 500  # questions


@dataclass(frozen=True)
class Variant:
    """One way of asking.

    Attributes:
        name: as in the result.
        request: the question's form; its text is filled in.
    """

    name: str
    request: SearchRequest


def evaluate(folder: Path, *, container: Container, say: Say = lambda message: None) -> Result:
    """Measure retrieval on one set; needs no running services.

    Args:
        folder: in BEIR's layout, see `datasets.read_retrieval`.
        container: whose settings are measured (models, weighting, threads); its corpora are not touched.
        say: told what is going on.

    Returns:
        `ndcg@10`, `recall@100` and `mrr@10` by variant: `bm25, word2vec, glove, bert, concat` (the untrained fused
        vector) alone; every pair of the first four; `rrf_60` and `rrf_10` over bm25 and bert; the trained `fused`
        vector alone, and `hybrid`, our default; each compared with `bert`.

    Raises:
        BadInput: the folder does not hold such a set.
        Unavailable: the node does not start.
    """
    started = time.monotonic()
    data = read_retrieval(folder)
    with own_services(container, word2vec_minimum_documents=1) as (services, _):
        ingest(services, data.documents, say=say)
        generation = services.store.current(CORPUS)
        figures = _figures(services, generation, untrained_variants(generation), data, say)
        learned = services.learning.learn("fusion", CORPUS, tell=lambda doing, share: say(doing))
        figures |= _figures(services, services.store.current(CORPUS), TRAINED_VARIANTS, data, say)
        passages = services.store.count(generation)
    return Result(
        dataset=data.name,
        capability="retrieval",
        seconds=time.monotonic() - started,
        results={name: {metric: float(values.mean()) for metric, values in of.items()} for name, of in figures.items()},
        comparisons=compare(figures),
        details={
            "documents": len(data.documents),
            "passages": passages,
            "queries": len(data.queries),
            "fusion": learned.error or str(learned.result["verdict"]),
        },
    )


def untrained_variants(generation: Generation) -> list[Variant]:
    """The ways of asking that need nothing but the vectors a corpus begins with, single vectors first."""
    specs = sorted(generation.specs, key=lambda spec: spec.kind == "dense")
    single = [Variant(spec.family if spec.family == "concat" else spec.name, _asking(spec.name)) for spec in specs]
    paired = combinations([spec.name for spec in specs if not spec.parts], 2)
    pairs = [Variant(f"{first}+{second}", _asking(first, second)) for first, second in paired]
    ranked = [Variant(f"rrf_{k}", replace(_asking("bm25", "bert"), fusion="rrf", k=k)) for k in (60, 10)]
    return [*single, *pairs, *ranked]


def _asking(*names: str) -> SearchRequest:
    return SearchRequest(query="", corpus=CORPUS, limit=DEPTH, using=names or None)


TRAINED_VARIANTS: Final = (Variant("fused", _asking("fused")), Variant("hybrid", _asking()))


def _figures(
    services: Container, generation: Generation, variants: Sequence[Variant], data: RetrievalData, say: Say
) -> dict[str, dict[str, Floats]]:
    """Every metric of every question, by variant."""
    search = _search(services, data, generation)
    return {variant.name: ranking_metrics(data.judgements, _ask(search, variant, data, say)) for variant in variants}


def compare(figures: Mapping[str, Mapping[str, Floats]]) -> dict[str, Comparison]:
    """Each variant against `bert`, query by query."""
    theirs = figures[AGAINST][COMPARED]
    return {name: _comparison(of[COMPARED], theirs) for name, of in figures.items() if name != AGAINST}


def _comparison(ours: Floats, theirs: Floats) -> Comparison:
    interval = bootstrap_interval(ours - theirs)
    p = randomisation_test(ours, theirs)
    return Comparison(AGAINST, COMPARED, float((ours - theirs).mean()), interval.low, interval.high, p)


def _search(services: Container, data: RetrievalData, generation: Generation) -> SearchService:
    """The search service, its questions encoded beforehand."""
    analyser = default_analyser()
    texts = analyser.analyse([plain(query) for query in data.queries.values()])
    questions = EncodedQuestions.of(texts, services.encoders(generation))
    return SearchService(services.store, lambda _: questions, analyser)


def _ask(search: SearchService, variant: Variant, data: RetrievalData, say: Say) -> Rankings:
    rankings: dict[str, list[str]] = {}
    for number, (query, text) in enumerate(data.queries.items()):
        if number % _TOLD_EVERY == 0:
            say(f"{variant.name}: asked {number} of {len(data.queries)} questions")
        try:
            hits = search.search(replace(variant.request, query=plain(text))).hits
        except BadQuery:  # no word in it: nothing is found
            hits = ()
        rankings[query] = [hit.document_id for hit in hits]
    return rankings


def plain(query: str) -> str:
    """The question without what our query language would take for an operator.

    >>> plain('does "IL-2" work -quickly')
    'does IL-2 work quickly'
    """
    return " ".join(_OPERATORS.sub(" ", query).split())
