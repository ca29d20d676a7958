"""The container: the only place where parts are put together. Cheap to make; each part is built at its first use."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trivec.settings import Settings

if TYPE_CHECKING:
    from trivec.encoders.base import EncoderSpec
    from trivec.encoders.catalog import EncoderSet
    from trivec.jobs import Producer
    from trivec.records import Document, LearningKind
    from trivec.registry import Registry
    from trivec.services.anomalies import AnomalyService
    from trivec.services.anomaly_models import AnomalyModels
    from trivec.services.anomaly_texts import AnomalyTexts
    from trivec.services.classifiers import Classifiers
    from trivec.services.corpora import CorporaService
    from trivec.services.dispatch import Dispatcher
    from trivec.services.filling import Filler
    from trivec.services.ingest import IngestService
    from trivec.services.learning import Learner, LearningService
    from trivec.services.ledger import Ledger
    from trivec.services.maintenance import MaintenanceService
    from trivec.services.map import MapService
    from trivec.services.maps import Maps
    from trivec.services.passages import Preparation
    from trivec.services.reading import Rejects
    from trivec.services.search import SearchService
    from trivec.services.spool import Json
    from trivec.services.taxonomy import TaxonomyService
    from trivec.services.trend_counts import TopicCounter
    from trivec.services.trend_drift import DriftService
    from trivec.services.trend_reports import TrendReports
    from trivec.services.trends import TrendsService
    from trivec.services.vectors import VectorsService
    from trivec.services.whole_documents import WholeDocuments
    from trivec.services.word_models import Artefacts
    from trivec.store import Store
    from trivec.store.generation import Generation


class Container:
    """Every service, by name.

    Examples:
        >>> Container(Settings(home=Path("/tmp/nowhere"))).settings.batch_documents
        128
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def store(self) -> "Store":
        """Of the vectors; nothing is sent before it is used."""
        from trivec.store import Store

        key = self.settings.qdrant_api_key
        return Store(self.settings.qdrant_url, api_key=key.get_secret_value() if key else None)

    @cached_property
    def registry(self) -> "Registry":
        """Of what the machine learned."""
        from trivec.registry import Registry

        return Registry(self.settings.mlflow_uri, self.settings.home / "models")

    @cached_property
    def producer(self) -> "Producer":
        """Of tasks."""
        from trivec.jobs import Producer

        return Producer(self.settings.redis_url.get_secret_value())

    @cached_property
    def ledger(self) -> "Ledger":
        """Of ingestion jobs."""
        from trivec.services.ledger import Ledger

        return Ledger(self.settings.ledger_folder)

    def encoders(self, generation: "Generation") -> "EncoderSet":
        """The encoders that a generation names; built once per process."""
        from trivec.encoders import catalog

        key = self.settings.embeddings_key
        return catalog.build(
            generation.specs,
            artefacts=self.registry.path,
            cache=self._cache,
            threads=self.settings.threads,
            key=key.get_secret_value() if key else "",
        )

    @cached_property
    def ingest(self) -> "IngestService":
        """Documents in."""
        from trivec.services.batches import BatchWriter
        from trivec.services.ingest import IngestService

        return IngestService(
            self.ledger,
            self._dispatcher,
            writer=BatchWriter(self.store, self.encoders, self._preparation),
            vectors=self.vectors,
            source=_open,
            batch_documents=self.settings.batch_documents,
            batch_tries=self.settings.batch_tries,
        )

    @cached_property
    def vectors(self) -> "VectorsService":
        """Generations and what they are learned from."""
        from trivec.services.vectors import VectorsService
        from trivec.services.word_models import WordLearner

        dimension = self.settings.word2vec_dimension
        return VectorsService(
            self.store,
            WordLearner(self.registry, self._specs, cache=self._cache, dimension=dimension),
            self._filler,
            self._preparation,
            lock=self.ledger.corpus_lock,
            minimum_documents=self.settings.word2vec_minimum_documents,
        )

    @cached_property
    def learning(self) -> "LearningService":
        """Long learning work, and which model serves."""
        from trivec.services.learning import LearningService
        from trivec.services.learning_jobs import LearningLedger

        return LearningService(
            LearningLedger(self.settings.ledger_folder / "learning"),
            self.producer,
            store=self.store,
            registry=self.registry,
            learners=self._learners,
            lost_after=self.settings.reconcile_after_seconds,
            tries=self.settings.batch_tries,
        )

    @cached_property
    def taxonomy(self) -> "TaxonomyService":
        """Classification."""
        from trivec.services.taxonomy import TaxonomyService

        return TaxonomyService(self.store, self._documents, self._classifiers)

    @cached_property
    def map(self) -> "MapService":
        """How documents lie together."""
        from trivec.services.map import MapService

        return MapService(self.store, self._maps, self._documents_by, lambda: self.search, self.corpora)

    @cached_property
    def anomalies(self) -> "AnomalyService":
        """What is unusual."""
        from trivec.services.anomalies import AnomalyService

        return AnomalyService(self.store, self._anomaly_models)

    @cached_property
    def anomaly_texts(self) -> "AnomalyTexts":
        """How unusual texts are, and why."""
        from trivec.services.anomaly_texts import AnomalyTexts

        return AnomalyTexts(self.store, self.encoders, self._preparation, self._anomaly_models)

    @cached_property
    def trends(self) -> "TrendsService":
        """Series of topics and where they are going."""
        from trivec.services.trends import TrendsService

        return TrendsService(self.store, self._topics, self.trend_reports)

    @cached_property
    def drift(self) -> "DriftService":
        """How topics and words move."""
        from trivec.services.trend_drift import DriftService
        from trivec.text.analyser import default_analyser

        return DriftService(self.store, self._topics, self.trend_reports, default_analyser().analyse)

    @cached_property
    def trend_reports(self) -> "TrendReports":
        """What was learned about trends."""
        from trivec.services.trend_reports import TrendReports

        return TrendReports(self.registry)

    @cached_property
    def search(self) -> "SearchService":
        """Questions."""
        from trivec.services.search import SearchService
        from trivec.text.analyser import default_analyser

        longest = self.settings.max_query_characters
        return SearchService(self.store, self.encoders, default_analyser(), max_characters=longest)

    @cached_property
    def corpora(self) -> "CorporaService":
        """What is stored."""
        from trivec.services.corpora import CorporaService

        return CorporaService(self.store)

    @cached_property
    def maintenance(self) -> "MaintenanceService":
        """Snapshots and pruning."""
        from trivec.services.maintenance import MaintenanceService

        return MaintenanceService(self.store)

    @property
    def _cache(self) -> Path:
        return self.settings.home / "cache"

    @cached_property
    def _preparation(self) -> "Preparation":
        from trivec.services.passages import Preparation

        return Preparation()

    @cached_property
    def _filler(self) -> "Filler":
        from trivec.services.filling import Filler

        return Filler(self.store, self.encoders, self._preparation)

    @cached_property
    def _learners(self) -> "Mapping[LearningKind, Learner]":
        from trivec.services import word_vectors
        from trivec.services.anomaly_learning import AnomalyLearner
        from trivec.services.fusion_learning import FusionLearner
        from trivec.services.map_learning import MapLearner
        from trivec.services.switching import Switcher
        from trivec.services.taxonomy_learning import TaxonomyLearner
        from trivec.services.trends_learning import TrendsLearner
        from trivec.text.analyser import default_analyser

        switcher = Switcher(self.store, self._filler, lock=self.ledger.corpus_lock)
        taxonomy = TaxonomyLearner(self.store, self.registry, self._documents, self._classifiers, self.taxonomy)
        fusion = FusionLearner(self.store, self.registry, self.encoders, self._preparation, switcher)
        return {
            "vectors": word_vectors.learner(self.vectors, switcher),
            "fusion": fusion.learner,
            "taxonomy": taxonomy.learner,
            "map": MapLearner(self.store, self.registry, self._documents_by, self._maps, _words).learner,
            "anomalies": AnomalyLearner(
                self.store, self.registry, self._anomaly_models, self.anomalies, self.anomaly_texts
            ).learner,
            "trends": TrendsLearner(self.store, self.registry, default_analyser().analyse).learner,
        }

    @cached_property
    def _topics(self) -> "TopicCounter":
        from trivec.services.question_vectors import QuestionVectors
        from trivec.services.trend_counts import TopicCounter
        from trivec.text.analyser import default_analyser

        return TopicCounter(self.store, QuestionVectors(self.encoders), default_analyser())

    @cached_property
    def _documents(self) -> "WholeDocuments":
        from trivec.services.whole_documents import WholeDocuments

        return WholeDocuments(self.store, self.encoders, self._preparation)

    def _documents_by(self, vector: str) -> "WholeDocuments":
        """Documents as one of their named vectors sees them."""
        from trivec.services.whole_documents import WholeDocuments

        return WholeDocuments(self.store, self.encoders, self._preparation, vector=vector)

    @cached_property
    def _maps(self) -> "Maps":
        from trivec.services.maps import Maps

        return Maps(self.registry)

    @cached_property
    def _anomaly_models(self) -> "AnomalyModels":
        from trivec.services.anomaly_models import AnomalyModels

        return AnomalyModels(self.registry)

    @cached_property
    def _classifiers(self) -> "Classifiers":
        from trivec.services.classifiers import Classifiers

        return Classifiers(self.registry, self._documents, threads=self.settings.threads)

    @cached_property
    def _dispatcher(self) -> "Dispatcher":
        from trivec.services.dispatch import Dispatcher

        settings = self.settings
        return Dispatcher(
            self.producer, in_flight=settings.batches_in_flight, lost_after=settings.reconcile_after_seconds
        )

    def _specs(self, word2vec: str, weights: str, artefacts: "Artefacts") -> "tuple[EncoderSpec, ...]":
        from trivec.encoders.defaults import default_specs

        settings = self.settings
        return default_specs(
            cache=self._cache,
            artefacts=artefacts,
            word2vec=word2vec,
            weights=weights,
            bert_model=settings.bert_model,
            bert_backend=settings.bert_backend,
            bert_precision=settings.bert_precision,
            bert_dimension=settings.embeddings_dimension if settings.bert_backend == "remote" else 0,
            embeddings_url=settings.embeddings_url,
            embeddings_key=settings.embeddings_key.get_secret_value() if settings.embeddings_key else "",
            glove_path=settings.glove_path,
            sparse_weighting=settings.sparse_weighting,
        )


def _open(path: Path, mapping: "Json | None", rejects: "Rejects") -> "Iterator[Document]":
    from trivec.sources import catalog
    from trivec.sources.mapping import ColumnMapping

    columns = ColumnMapping(**{**mapping, "metadata": _tuple(mapping["metadata"])}) if mapping else None
    return catalog.read(path, mapping=columns, rejects=rejects)


def _words(text: str) -> tuple[str, ...]:
    from trivec.text.analyser import default_analyser

    return default_analyser().words(text).tokens


def _tuple(values: "list[str] | None") -> "tuple[str, ...] | None":
    return None if values is None else tuple(values)
