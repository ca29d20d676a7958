"""Classification as a kind of learning: a corpus's labels in, a judged version and classified documents out.

What is held out to judge by follows from each document's text alone: no later version ever learns from it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from trivec.errors import BadInput, NotFound
from trivec.learning import taxonomy
from trivec.learning.base import Progress, part
from trivec.learning.taxonomy import Example, TaxonomyModel, TaxonomyOptions
from trivec.records import Filters, Scalar
from trivec.services import classifiers, gate, label_paths, spool
from trivec.services.classifiers import Classifiers
from trivec.services.gate import Scores, Verdict
from trivec.services.learning import Learner, forgetting
from trivec.services.learning_inputs import changed, data_hash, is_drawn
from trivec.services.taxonomy import TaxonomyService
from trivec.services.whole_documents import VECTOR, WholeDocument, WholeDocuments, vectors

if TYPE_CHECKING:
    from trivec.registry import Registry
    from trivec.store import Store
    from trivec.store.generation import Generation

HELD_OUT = 0.15  # share of the labelled documents
FEWEST = 40  # labelled documents: fewer are not learned from by the schedule
_GROWN = 1.1  # times as many labelled documents as the last version saw: worth learning again
_TRAINED, _JUDGED = 0.85, 0.9  # share of the work that is done by then
_JUDGED_FILE = "judged.json"


class TaxonomyLearner:
    """Trains and judges the model `CORPUS.taxonomy`, and lets the champion work.

    Args:
        store: of the corpora.
        registry: of the models.
        documents: reads them whole.
        known: the classifiers there are.
        service: classifies documents.
    """

    def __init__(
        self,
        store: "Store",
        registry: "Registry",
        documents: WholeDocuments,
        known: Classifiers,
        service: TaxonomyService,
    ) -> None:
        self._store = store
        self._registry = registry
        self._documents = documents
        self._classifiers = known
        self._service = service

    @property
    def learner(self) -> Learner:
        """The kind `taxonomy`."""
        return Learner(
            self.learn,
            models=("taxonomy",),
            wants=self.wants,
            scheduled={"only_if_new": True},
            withdraw=forgetting(self._store, "predicted"),
        )

    def wants(self, corpus: str) -> bool:
        """Whether enough labels are new to train again, or documents wait to be classified."""
        generation = self._store.current(corpus)
        if self._enough_is_new(generation):
            return True
        reference = self._registry.champion(classifiers.name(corpus))
        if reference is None or generation.spec(VECTOR) is None:
            return False
        return bool(next(self._store.unpredicted(generation, reference, size=1)).points)

    def learn(
        self, corpus: str, parameters: Mapping[str, Scalar], checkpoint: Path, progress: Progress
    ) -> dict[str, Any]:
        """Trains a challenger, judges it, and lets the champion classify what it has not looked at.

        Args:
            corpus: whose labels are learned.
            parameters: fields of `TaxonomyOptions`, and `only_if_new`: train only where enough labels are new.
            checkpoint: folder to resume from.
            progress: told what is being done; may raise `Cancelled`.

        Returns:
            `reference`, `verdict`, `promoted` and `metrics` where something was trained; `classified` documents.

        Raises:
            BadInput: too few labels, or a parameter that does not exist.
        """
        judged = spool.read_json(checkpoint / _JUDGED_FILE)
        wanted = not parameters.get("only_if_new") or self._enough_is_new(self._store.current(corpus))
        if judged is None and wanted:
            judged = self._train(
                corpus,
                changed(TaxonomyOptions(), parameters, kind="taxonomy", besides=("only_if_new",)),
                checkpoint,
                progress,
            )
            spool.write_json(checkpoint / _JUDGED_FILE, judged)
        classified = 0
        if self._registry.champion(classifiers.name(corpus)):
            classified = self._service.classify_corpus(corpus, progress=part(progress, _JUDGED, 1.0))
        return {**(judged or {}), "classified": classified}

    def _train(self, corpus: str, options: TaxonomyOptions, checkpoint: Path, progress: Progress) -> dict[str, Any]:
        generation = self._store.current(corpus)
        progress("reading labelled documents", 0.0)
        documents = self._labelled(generation)
        held = [document for document in documents if is_held_out(document.text)]
        learned = [document for document in documents if not is_held_out(document.text)]
        if not held or not learned:
            raise BadInput(
                f"corpus {corpus!r} has {len(documents)} documents with labels, too few to hold some out: "
                f"label {FEWEST} at least"
            )
        model = taxonomy.train(
            _examples(learned),
            encode=self._documents.encoder(generation),
            options=options,
            checkpoint=checkpoint / "training",
            progress=part(progress, 0.05, _TRAINED),
            vectors=vectors(learned),
        )
        progress("judging on held-out documents", _TRAINED)
        verdict = self._judge(generation, model, learned, held)
        metrics = {**model.metrics, "accuracy": verdict.challenger, "held_out_documents": float(len(held))}
        with TemporaryDirectory(prefix="trivec-taxonomy-") as folder:
            model.save(Path(folder))
            reference = self._registry.save(
                classifiers.name(corpus),
                Path(folder),
                parameters={**vars(options), "documents": len(documents)},
                metrics=metrics,
                data_hash=data_hash((each.id, each.content_hash) for each in documents),
                tags={VECTOR: classifiers.encoder(generation)},
            )
        gate.record(self._registry, reference, verdict)
        return {
            "reference": reference,
            "promoted": verdict.promote,
            "verdict": verdict.reason,
            "metrics": metrics,
        }

    def _judge(
        self,
        generation: "Generation",
        model: TaxonomyModel,
        learned: Sequence[WholeDocument],
        held: Sequence[WholeDocument],
    ) -> Verdict:
        """On the share of held-out documents whose whole path is right."""
        champion = self._classifiers.comparable_champion(generation)
        return gate.judge(
            _correct(model, held),
            _correct(champion, held) if champion else None,
            metric="accuracy of whole paths",
            baseline=_commonest(learned, held),
            baseline_name="the commonest path",
        )

    def _enough_is_new(self, generation: "Generation") -> bool:
        if generation.spec(VECTOR) is None:
            return False
        labelled = self._store.count_documents(generation, filters=Filters(labelled=True))
        try:
            newest = self._registry.versions(classifiers.name(generation.corpus))[0]
        except NotFound:
            return labelled >= FEWEST
        return labelled >= max(FEWEST, _GROWN * int(newest.parameters["documents"]))

    def _labelled(self, generation: "Generation") -> list[WholeDocument]:
        """Documents with something to learn from them, in an order that does not change."""
        found = self._documents.labelled(generation)
        usable = (each for each in found if each.text.strip() and all(label.strip() for label in each.labels))
        return sorted(usable, key=lambda document: document.id)


def is_held_out(text: str) -> bool:
    """Whether a document judges instead of teaching: by its words alone, so that equal texts are on one side."""
    words = " ".join(text.lower().split())
    return is_drawn(words, share=HELD_OUT)


def _examples(documents: Sequence[WholeDocument]) -> list[Example]:
    return [Example(document.text, label_paths.distinct(document.labels)) for document in documents]


def _correct(model: TaxonomyModel, held: Sequence[WholeDocument]) -> Scores:
    return taxonomy.correct(model, _examples(held), vectors=vectors(held))


def _commonest(learned: Sequence[WholeDocument], held: Sequence[WholeDocument]) -> Scores:
    """Who always says the commonest path is right on these."""
    [(path, _)] = Counter(document.labels for document in learned).most_common(1)
    return np.array([float(document.labels == path) for document in held])
