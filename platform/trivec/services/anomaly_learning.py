"""What is usual in a corpus, as a kind of learning: passages in, a judged version and scored passages out.

A version is judged by passages it never saw, and by odd texts made of them: it should leave the first alone and find
the second. What people marked as odd is not learned from.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from trivec import jobs
from trivec.errors import BadInput, NotFound
from trivec.learning import anomalies
from trivec.learning.anomalies import AnomalyModel, AnomalyOptions, Texts, duplicates
from trivec.learning.anomalies.detectors import NEEDS_TORCH
from trivec.learning.anomalies.rehearsal import distort
from trivec.learning.base import Progress, part
from trivec.records import Scalar
from trivec.services import anomaly_models, gate, spool
from trivec.services.anomalies import AnomalyService
from trivec.services.anomaly_models import DUPLICATES, ENCODER, AnomalyModels, texts_of
from trivec.services.anomaly_texts import AnomalyTexts
from trivec.services.gate import Scores, Verdict
from trivec.services.learning import Learner, forgetting
from trivec.services.learning_inputs import changed, data_hash, is_drawn

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store
    from trivec.store.generation import Generation
    from trivec.store.reads import StoredPoint

FEWEST = 100  # passages: fewer are not learned from by the schedule
_HELD_OUT = 0.1  # share of the passages
_JUDGED_BY = 150  # held-out passages, and as many odd texts made of them
_GROWN = 1.5  # times as many passages as the newest version saw: worth another one
_READ, _TRAINED, _GROUPED, _JUDGED = 0.3, 0.5, 0.6, 0.7  # share of the work that is done by then
_MOST_GROUPED = 200_000  # documents that near-duplicates are looked for among
_MOST_PASSAGES = 40  # of a document that are compared
_BEGINNING = 300  # characters of the first one of a group that are shown
_GROUPS, _MEMBERS = 200, 20  # that are kept
_LEVEL = 0.05
_JUDGED_FILE = "judged.json"


class AnomalyLearner:
    """Learns and judges the model `CORPUS.anomalies`, and lets the champion score what it has not looked at.

    Args:
        store: of the corpora.
        registry: of the models.
        models: the models there are.
        service: scores passages.
        texts: makes vectors.
    """

    def __init__(
        self,
        store: "Store",
        registry: "Registry",
        models: AnomalyModels,
        service: AnomalyService,
        texts: AnomalyTexts,
    ) -> None:
        self._store = store
        self._registry = registry
        self._models = models
        self._service = service
        self._texts = texts

    @property
    def learner(self) -> Learner:
        """The kind `anomalies`."""
        return Learner(
            self.learn,
            models=("anomalies",),
            wants=self.wants,
            scheduled={"only_if_new": True},
            withdraw=forgetting(self._store, "anomaly"),
            queue=jobs.INSIGHT,
            rest=timedelta(hours=20),
        )

    def wants(self, corpus: str) -> bool:
        """Whether enough is new to learn again, or passages wait for their score."""
        generation = self._store.current(corpus)
        if self._enough_is_new(generation):
            return True
        current = self._models.comparable(generation)
        if current is None:
            return False
        waiting = self._store.unscored(generation, current.reference, current.model.options.vector, size=1)
        return bool(next(waiting).points)

    def learn(
        self, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
    ) -> dict[str, Any]:
        """Learns what is usual, judges that, and scores every passage the champion has not looked at.

        Args:
            corpus: to learn.
            parameters: fields of `AnomalyOptions`, and `only_if_new`: learn only where enough is new, or what came in
                has drifted.
            checkpoint: folder to resume from.
            progress: told what is being done; may raise `Cancelled`.

        Returns:
            `reference`, `verdict`, `promoted` and `metrics` where something was learned; `drift`; `scored` passages.

        Raises:
            BadInput: too few passages, or a parameter that does not exist.
        """
        generation = self._store.current(corpus)
        judged = spool.read_json(checkpoint / _JUDGED_FILE)
        drifted = self._drift(generation)
        wanted = not parameters.get("only_if_new") or drifted == "drifted" or self._enough_is_new(generation)
        if judged is None and wanted:
            judged = {**self._train(generation, self._options(generation, parameters), progress), "drift": drifted}
            spool.write_json(checkpoint / _JUDGED_FILE, judged)
        scored = 0
        if self._models.comparable(generation):
            scored = self._service.score_corpus(corpus, progress=part(progress, _JUDGED, 1.0))
        return {"drift": drifted, **(judged or {}), "scored": scored}

    def _drift(self, generation: "Generation") -> str:
        current = self._models.comparable(generation)
        return self._service.drift_of(generation, current).state if current else "not learned yet"

    def _train(self, generation: "Generation", options: AnomalyOptions, progress: Progress) -> dict[str, Any]:
        names = anomaly_models.vectors(generation, options.vector)
        if options.vector not in names:
            raise BadInput(f"corpus {generation.corpus!r} has no vector {options.vector!r}, in which meaning is judged")
        learned, held = self._read(generation, names, options, progress)
        if not held or not learned:
            raise BadInput(
                f"corpus {generation.corpus!r} has {len(learned) + len(held)} passages, too few to say what is usual: "
                f"add documents until there are {FEWEST}"
            )
        ids = [point.id for point in learned]
        model = anomalies.train(
            ids, texts_of(learned, names), options=options, progress=part(progress, _READ, _TRAINED)
        )
        progress("looking for near-duplicates", _TRAINED)
        groups = self._duplicates(generation)
        progress("judging on held-out passages", _GROUPED)
        verdict = self._judge(generation, model, held)
        metrics = {**model.metrics, "accuracy": verdict.challenger, "duplicate_groups": float(len(groups["groups"]))}
        passages = self._store.count_passages(generation)
        with TemporaryDirectory(prefix="trivec-anomalies-") as folder:
            anomalies.save(model, Path(folder))
            spool.write_json(Path(folder) / DUPLICATES, groups)
            reference = self._registry.save(
                anomaly_models.name(generation.corpus),
                Path(folder),
                parameters={**vars(options), "passages": passages},
                metrics=metrics,
                data_hash=data_hash((point.id, point.passage.content_hash) for point in learned),
                tags={ENCODER: anomaly_models.encoder(generation, names)},
            )
        gate.record(self._registry, reference, verdict)
        return {"reference": reference, "promoted": verdict.promote, "verdict": verdict.reason, "metrics": metrics}

    def _read(
        self, generation: "Generation", names: Sequence[str], options: AnomalyOptions, progress: Progress
    ) -> tuple[list["StoredPoint"], list["StoredPoint"]]:
        """Passages to learn from and others to judge by; ids are hashes, so the first ones are a fair sample."""
        learned: list[StoredPoint] = []
        held: list[StoredPoint] = []
        seen: set[str] = set()
        current = self._models.comparable(generation)
        wanted = list(dict.fromkeys([*names, *([current.model.options.vector] if current else [])]))
        for page in self._store.pages(generation, with_vectors=wanted):
            progress(f"reading passages: {len(learned)}", _READ * min(1.0, len(learned) / options.reference))
            for point in page.points:
                text = " ".join(point.passage.passage.text.lower().split())
                if point.dense(options.vector) is None or point.passage.mark == "odd" or text in seen:
                    continue
                seen.add(text)
                (held if is_drawn(text, share=_HELD_OUT) else learned).append(point)
            if len(learned) >= options.reference:
                break
        return learned, held[:_JUDGED_BY]

    def _judge(self, generation: "Generation", model: AnomalyModel, held: Sequence["StoredPoint"]) -> Verdict:
        """On the share of texts that are judged right at a nominal 5 %."""
        current = self._models.comparable(generation)
        champion = current.model if current else None
        odd = distort([point.passage.passage.text for point in held], seed=0)
        titles = [point.passage.title for point in held]

        def right(judge: AnomalyModel) -> Scores:
            """1 for every normal text left alone and every odd one found."""
            vector = judge.options.vector
            wrong = Texts(odd, {vector: self._texts.rows(generation, vector, odd, titles)})
            alone = judge.judge(texts_of(held, [vector], judge)).p_values > _LEVEL
            found = judge.judge(wrong).p_values <= _LEVEL
            return np.concatenate([alone, found]).astype(np.float64)

        return gate.judge(
            right(model),
            right(champion) if champion else None,
            metric="accuracy on held-out and distorted passages",
            baseline=np.concatenate([np.ones(len(held)), np.zeros(len(held))]),
            baseline_name="calling everything usual",
        )

    def _duplicates(self, generation: "Generation") -> dict[str, Any]:
        """Groups of documents that are nearly the same all through, not in their first lines only."""
        ids: list[str] = []
        beginnings: list[str] = []

        def texts() -> Iterator[str]:
            points = (point for page in self._store.pages(generation) for point in page.points)
            for document, its in islice(groupby(points, lambda point: point.passage.document_id), _MOST_GROUPED):
                text = " ".join(point.passage.passage.text for point in islice(its, _MOST_PASSAGES))
                ids.append(document)
                beginnings.append(text[:_BEGINNING])
                yield text

        found = duplicates.groups(texts())
        return {
            "documents": len(ids),
            "groups": [
                {
                    "size": len(group.rows),
                    "similarity": round(group.similarity, 3),
                    "text": beginnings[group.rows[0]],
                    "document_ids": [ids[row] for row in group.rows[:_MEMBERS]],
                }
                for group in found[:_GROUPS]
            ],
        }

    def _options(self, generation: "Generation", parameters: Mapping[str, Scalar]) -> AnomalyOptions:
        """What was asked for; the schedule learns as the version in use did."""
        current = self._models.comparable(generation) if parameters.get("only_if_new") else None
        usual = current.model.options if current else AnomalyOptions()
        options = changed(usual, parameters, kind="anomalies", besides=("only_if_new",))
        if options.detector in NEEDS_TORCH:
            raise BadInput(
                f"detector {options.detector!r} needs torch wherever texts are scored, which the API does not load: "
                "choose another; `trivec evaluate anomalies` measures it"
            )
        return options

    def _enough_is_new(self, generation: "Generation") -> bool:
        passages = self._store.count_passages(generation)
        try:
            newest = self._registry.versions(anomaly_models.name(generation.corpus))[0]
        except NotFound:
            return passages >= FEWEST and generation.spec(AnomalyOptions().vector) is not None
        names = anomaly_models.vectors(generation, newest.parameters["vector"])
        if newest.tags.get(ENCODER) != anomaly_models.encoder(generation, names):
            return passages >= FEWEST and newest.parameters["vector"] in names
        return passages >= max(FEWEST, _GROWN * int(newest.parameters["passages"]))
