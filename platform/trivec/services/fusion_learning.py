"""Fusion as a kind of learning: a corpus's passages in, a judged network and a generation that uses it out.

The old generation answers until the new one is filled; it stays, so that going back needs no training.
"""

import heapq
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from trivec.errors import BadInput
from trivec.learning.base import Progress
from trivec.records import DenseVectors, Scalar
from trivec.services import gate, spool
from trivec.services.filling import dense_vectors
from trivec.services.learning import Learner
from trivec.services.learning_inputs import changed
from trivec.services.passages import Preparation
from trivec.services.switching import Switcher

if TYPE_CHECKING:
    from trivec.encoders.catalog import EncoderSet
    from trivec.encoders.tables import WordTable
    from trivec.learning.fusion.passages import TrainingPassages
    from trivec.learning.fusion.recipe import FusionTraining
    from trivec.learning.fusion.trainer import TrainedFusionNetwork
    from trivec.registry import Registry
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

METRIC = "agreement with the teacher, nDCG@10,"
FUSED = "fused"
FEWEST = 200  # documents: fewer are not learned from by the schedule
_GROWN = 1.5  # times as many documents as the last version saw: worth learning again
_TRAINED = 0.8  # share of the work that is done by then
_JUDGED_FILE = "judged.json"
_PAGE = 256  # passages read at once

_logger = logging.getLogger(__name__)


class FusionLearner:
    """Trains and judges the model `CORPUS.fusion`, and lets the corpus be served with it.

    Args:
        store: of the corpora.
        registry: of the models.
        encoders: those that a generation names.
        preparation: of texts.
        switcher: makes generations and goes back to them.
    """

    def __init__(
        self,
        store: "Store",
        registry: "Registry",
        encoders: Callable[["Generation"], "EncoderSet"],
        preparation: Preparation,
        switcher: Switcher,
    ) -> None:
        self._store = store
        self._registry = registry
        self._encoders = encoders
        self._preparation = preparation
        self._switcher = switcher

    @property
    def learner(self) -> Learner:
        """The kind `fusion`."""
        return Learner(
            self.learn, models=("fusion",), wants=self.wants, serve=self.serve, withdraw=self._switcher.withdraw
        )

    def wants(self, corpus: str) -> bool:
        """Whether the corpus has grown enough since its fusion was trained, or never had one."""
        count = self._store.count_documents(self._store.current(corpus))
        seen = self._seen(corpus)
        return count >= (FEWEST if seen is None else max(FEWEST, _GROWN * seen))

    def learn(
        self, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
    ) -> dict[str, Any]:
        """Trains a challenger, judges it against what serves, and switches if it is better.

        Args:
            corpus: to learn from.
            parameters: fields of `FusionTraining` that are single values (`epochs`, `optimiser`, `output`, ...).
            checkpoint: folder to resume from.
            progress: told what is being done; may raise `Cancelled`.

        Returns:
            `reference`, `verdict`, `promoted`, `metrics`, and the `generation` that serves.

        Raises:
            BadInput: too little text, or a parameter that does not exist.
        """
        judged = spool.read_json(checkpoint / _JUDGED_FILE)
        if judged is None:
            judged = self._train(corpus, training_of(parameters), checkpoint, progress)
            spool.write_json(checkpoint / _JUDGED_FILE, judged)
        if judged["promoted"]:
            self._switch(corpus, judged["reference"], progress)
            if self._registry.champion(f"{corpus}.fusion") != judged["reference"]:
                self._registry.promote(judged["reference"], reason=judged["verdict"])
        return {**judged, "generation": self._store.current(corpus).number}

    def serve(self, reference: str) -> tuple[str, ...]:
        """Lets the corpus be served with this version: by the generation made with it, else by a new one."""
        served = self._switcher.serve(reference, progress=_logger.info)
        if served:
            return served
        self._switch(reference.rpartition(":")[0].rpartition(".")[0], reference, lambda doing, share: None)
        return (reference,)

    def _train(self, corpus: str, training: "FusionTraining", checkpoint: Path, progress: Progress) -> dict[str, Any]:
        from trivec.learning.fusion.trainer import train

        generation = self._store.current(corpus)
        encoders = self._encoders(generation)
        names = [spec.name for spec in generation.specs if spec.kind == "dense"]
        own = [name for name in names if name in encoders.encoders]
        progress("reading passages", 0.0)
        passages, present = self._passages(generation, names)
        trained = train(
            replace(passages, vectors={name: passages.vectors[name] for name in own}),
            encode=lambda texts: encoders.encode_queries(texts, own),
            specs=[spec for spec in generation.specs if spec.name in own],
            tables=word_tables(encoders),
            training=training,
            checkpoint=checkpoint,
            progress=lambda doing, share: progress(doing, 0.05 + (_TRAINED - 0.05) * share),
        )
        progress("judging", _TRAINED)
        verdict = self._judge(generation, encoders, passages, trained)
        documents = self._store.count_documents(generation)
        reference = self._register(corpus, training, trained, verdict, passages.digest(), documents)
        if not verdict.promote:
            gate.record(self._registry, reference, verdict)
        metrics = {"agreement": verdict.challenger, "agreement_before": verdict.champion, "p": verdict.p}
        return {
            "reference": reference,
            "verdict": verdict.reason,
            "promoted": verdict.promote,
            "metrics": metrics,
            "passages": present,
        }

    def _judge(
        self,
        generation: "Generation",
        encoders: "EncoderSet",
        passages: "TrainingPassages",
        trained: "TrainedFusionNetwork",
    ) -> gate.Verdict:
        """Against the fused vector that serves; a corpus without one is held against its best single vector."""
        name = FUSED if generation.spec(FUSED) else "bert"
        asked = encoders.encode_queries(trained.held_out.questions, [name])[name]
        held = passages.vectors[name]
        if not isinstance(asked, DenseVectors):
            raise BadInput(f"vector {name!r} of {generation.collection} is sparse: it cannot be fused")
        scores = trained.held_out.score(asked, held)
        spec = generation.spec(name)
        champion = scores if spec is not None and spec.family == "fusion" else None
        return gate.judge(
            trained.scores, champion, metric=METRIC, baseline=scores, baseline_name=f"the untrained {name} vector"
        )

    def _register(
        self,
        corpus: str,
        training: "FusionTraining",
        trained: "TrainedFusionNetwork",
        verdict: gate.Verdict,
        digest: str,
        documents: int,
    ) -> str:
        plain = {
            key: str(value) if isinstance(value, dict | tuple | list) else value
            for key, value in asdict(training).items()
        }
        with TemporaryDirectory(prefix="trivec-fusion-") as folder:
            trained.model.save(Path(folder) / "model")
            return self._registry.save(
                f"{corpus}.fusion",
                Path(folder) / "model",
                parameters={**plain, "documents": documents},
                metrics={
                    "agreement": verdict.challenger,
                    "agreement_before": verdict.champion,
                    "best_epoch": trained.history.best_epoch,
                },
                data_hash=digest,
                curves={"loss": trained.history.losses, "agreement": trained.history.scores},
            )

    def _switch(self, corpus: str, reference: str, progress: Progress) -> None:
        from trivec.encoders import trained_fusion

        current = self._store.current(corpus)
        spec = trained_fusion.spec(self._registry.path(reference), reference=reference, name=FUSED)
        if current.spec(FUSED) == spec:
            return
        self._switcher.make(
            corpus,
            trained_fusion.among(current.specs, spec),
            progress=lambda doing: progress(doing, (1 + _TRAINED) / 2),
        )

    def _seen(self, corpus: str) -> float | None:
        """Documents of the corpus when its newest fusion was trained; None if there is none."""
        name = f"{corpus}.fusion"
        if name not in self._registry.names():
            return None
        return float(self._registry.versions(name)[0].parameters.get("documents", 0))

    def _passages(self, generation: "Generation", names: Sequence[str]) -> tuple["TrainingPassages", int]:
        """A sample of the generation's passages with their dense vectors, the same each time; and how many."""
        from trivec.learning.fusion.passages import TrainingPassages
        from trivec.learning.fusion.trainer import MOST_PASSAGES

        everything = (point.id for page in self._store.pages(generation) for point in page.points)
        chosen = iter(sorted(heapq.nsmallest(MOST_PASSAGES, everything, key=_draw)))
        points: list[StoredPoint] = []
        while ids := list(islice(chosen, _PAGE)):
            found = self._store.passages(generation, ids, with_vectors=names)
            points += [found[each] for each in ids if each in found]
        texts = self._preparation.analyse([point.passage for point in points])
        numbers = {name: number for number, name in enumerate(sorted({p.passage.document_id for p in points}))}
        documents = np.array([numbers[point.passage.document_id] for point in points], np.int64)
        labels = [point.passage.labels for point in points]
        vectors = {name: dense_vectors(points, name, generation) for name in names}
        return TrainingPassages(texts, documents, vectors, labels if any(labels) else ()), len(points)


def training_of(parameters: Mapping[str, Scalar]) -> "FusionTraining":
    """The recipe with some of its numbers changed.

    Raises:
        BadInput: no such parameter, or a value of another kind.
    """
    from trivec.learning.fusion.recipe import FusionTraining

    return changed(FusionTraining(), parameters, kind="fusion")


def word_tables(encoders: "EncoderSet") -> "dict[str, WordTable]":
    """The word vectors that some of these encoders average, by the encoder's name."""
    from trivec.encoders.averaging import WordAverage

    return {name: each.table for name, each in encoders.encoders.items() if isinstance(each, WordAverage)}


def _draw(point: str) -> bytes:
    """A lot that depends on the point alone."""
    return blake2b(point.encode(), digest_size=8).digest()
