"""Generations of a corpus: made for a first ingestion, made anew when the corpus has grown, filled, switched to.

A first ingestion learns from its own spooled documents before anything is stored; a corpus that began too small to
learn from serves without word2vec until it has grown.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from trivec.encoders import trained_fusion
from trivec.errors import NotFound
from trivec.records import AnalysedText, Document
from trivec.services import spool
from trivec.services.filling import Filler
from trivec.services.job_records import now
from trivec.services.passages import Preparation
from trivec.services.word_models import Learned, Progress, WordLearner

if TYPE_CHECKING:
    from trivec.encoders.base import EncoderSpec
    from trivec.store import Store
    from trivec.store.generation import Generation

_logger = logging.getLogger(__name__)

_GROWN = 4.0  # times as many documents as were learned from: worth learning again
_CHUNK = 256  # documents analysed at once


class VectorsService:
    """Makes generations.

    Args:
        store: of the corpora.
        learner: of word vectors and weights.
        filler: of new generations.
        preparation: of texts.
        lock: the file that one maker at a time claims, by corpus.
        minimum_documents: fewer are not learned from.
    """

    def __init__(
        self,
        store: "Store",
        learner: WordLearner,
        filler: Filler,
        preparation: Preparation,
        *,
        lock: Callable[[str], Path],
        minimum_documents: int,
    ) -> None:
        self._store = store
        self._learner = learner
        self._filler = filler
        self._preparation = preparation
        self._lock = lock
        self._minimum = minimum_documents

    def serves(self, corpus: str) -> bool:
        """Whether the corpus has a generation that serves."""
        try:
            self._store.current(corpus)
        except NotFound:
            return False
        return True

    def begin(
        self, corpus: str, documents: Callable[[], Iterable[Document]], *, count: int, progress: Progress
    ) -> "Generation":
        """The generation that serves; made from these documents if there is none.

        Args:
            corpus: to begin.
            documents: reads them from the start, each time it is called.
            count: how many they are.
            progress: told what is being done.

        Raises:
            Conflict: somebody else is making one right now.
        """
        with self._alone(corpus):
            if self.serves(corpus):
                return self._store.current(corpus)
            if half_made := self._store.filling(corpus):  # its maker died before the last step
                return self._store.activate(half_made)
            learned = Learned()
            if count >= self._minimum:
                texts = lambda: self._of_documents(documents())  # noqa: E731
                learned = self._learner.learn(corpus, texts, documents=count, progress=progress)
            return self._switch(self._create(corpus, learned, old=()))

    def wants_renewal(self, corpus: str) -> bool:
        """Whether a corpus has grown enough, since its vectors were learned, to learn them again.

        Also when somebody who renewed it died before the new generation served.
        """
        if self._store.filling(corpus) and not spool.claimed(self._lock(corpus)):
            return True
        generation = self._store.current(corpus)
        wanted = max(self._minimum, _GROWN * Learned.parse(generation.details).documents)
        return self._store.count_documents(generation) >= wanted

    def renew(self, corpus: str, *, progress: Progress = _logger.info) -> "Generation":
        """A generation with vectors learned from all that is stored, filled while the old one serves, then switched to.

        One that was being filled when its maker died is filled to its end instead.

        Raises:
            Conflict: somebody else is making one right now.
            NotFound: no such corpus.
        """
        with self._alone(corpus):
            old = self._store.current(corpus)
            new = self._store.filling(corpus)
            if new is None:
                count = self._store.count_documents(old)
                texts = lambda: self._of_generation(old)  # noqa: E731
                learned = self._learner.learn(corpus, texts, documents=count, progress=progress)
                new = self._create(corpus, learned, old=old.specs)
            self._filler.fill(old, new, progress=progress)
            return self._switch(new)

    def _create(self, corpus: str, learned: Learned, *, old: "Sequence[EncoderSpec]") -> "Generation":
        specs = trained_fusion.kept(old, self._learner.specs(learned))
        return self._store.create_generation(corpus, specs, details=asdict(learned))

    def _switch(self, generation: "Generation") -> "Generation":
        active = self._store.activate(generation)
        reason = f"generation {generation.collection} serves since {now():%Y-%m-%d %H:%M} UTC"
        self._learner.promote(Learned.parse(generation.details), reason=reason)
        return active

    def _alone(self, corpus: str) -> AbstractContextManager[None]:
        busy = f"a generation of corpus {corpus!r} is being made right now; wait until it serves"
        return spool.alone(self._lock(corpus), otherwise=busy)

    def _of_documents(self, documents: Iterable[Document]) -> Iterator[AnalysedText]:
        stream = iter(documents)
        while chunk := list(islice(stream, _CHUNK)):
            yield from self._preparation.prepare(chunk, ingested_at=now()).texts

    def _of_generation(self, generation: "Generation") -> Iterator[AnalysedText]:
        for page in self._store.pages(generation):
            yield from self._preparation.analyse([point.passage for point in page.points])
