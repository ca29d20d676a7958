"""Going back, or forth, to a generation that was made with a certain model, without a gap in what it holds."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from trivec.errors import Conflict, NotFound
from trivec.services import spool
from trivec.services.filling import Filler

if TYPE_CHECKING:
    from trivec.encoders.base import EncoderSpec
    from trivec.store import Store
    from trivec.store.generation import Generation

_logger = logging.getLogger(__name__)


class Switcher:
    """Lets a generation serve again.

    Args:
        store: of the generations.
        filler: brings one up to date.
        lock: the file that one maker of generations at a time claims, by corpus.
    """

    def __init__(self, store: "Store", filler: Filler, *, lock: Callable[[str], Path]) -> None:
        self._store = store
        self._filler = filler
        self._lock = lock

    def use(self, corpus: str, reference: str, *, progress: Callable[[str], None]) -> "Generation | None":
        """Lets the youngest generation that was made with a model serve; None if there is none any more.

        A retired generation first gets what was written since it retired: it is filled while the present one answers,
        and writes meanwhile go to both. One that was being filled when its maker died is filled to its end.

        Args:
            corpus: whose generation.
            reference: of the model, `name:version`.
            progress: told what is being done.

        Raises:
            Conflict: somebody else is making or filling a generation of the corpus right now.
            NotFound: no such corpus.
        """
        with self._alone(corpus):
            current = self._store.current(corpus)
            made = [each for each in self._store.generations(corpus) if reference in references(each)]
            if not made or current in made:
                return current if made else None
            return self._return_to(made[-1], current, progress)

    def withdraw(self, reference: str, *, progress: Callable[[str], None] = _logger.info) -> "Generation":
        """Lets the youngest generation that came before a model serve again, brought up to date.

        Args:
            reference: of any version of the model, `news.fusion:1`; its corpus is meant.
            progress: told what is being done.

        Raises:
            Conflict: no such generation is left, or somebody else is making or filling one right now.
            NotFound: no such corpus.
        """
        name = reference.rpartition(":")[0]
        corpus = name.rpartition(".")[0]
        with self._alone(corpus):
            current = self._store.current(corpus)
            older = [
                each
                for each in self._store.generations(corpus)
                if each.number < current.number and not any(one.startswith(f"{name}:") for one in references(each))
            ]
            if not older:
                raise Conflict(f"corpus {corpus!r} has no generation left from before {name}: promote another version")
            return self._return_to(older[-1], current, progress)

    def make(self, corpus: str, specs: Sequence["EncoderSpec"], *, progress: Callable[[str], None]) -> "Generation":
        """Lets a new generation with these encoders serve, filled from the present one while that answers.

        One with the same encoders that was being filled when its maker died is filled to its end.

        Args:
            corpus: whose generation.
            specs: of its encoders.
            progress: told what is being done.

        Raises:
            Conflict: somebody else is making or filling a generation of the corpus right now.
            NotFound: no such corpus.
        """
        with self._alone(corpus):
            current = self._store.current(corpus)
            generation = self._store.create_generation(corpus, specs, details=current.details)
            self._filler.fill(current, generation, progress=progress)
            return self._store.activate(generation)

    def serve(self, reference: str, *, progress: Callable[[str], None]) -> tuple[str, ...]:
        """`use` for the corpus that the reference names (`news.word2vec:3`).

        Returns:
            References of all models that serve with it; none where the corpus, or the generation, is gone.
        """
        corpus = reference.rpartition(":")[0].rpartition(".")[0]
        try:
            generation = self.use(corpus, reference, progress=progress)
        except NotFound:
            return ()
        return references(generation) if generation else ()

    def _return_to(
        self, generation: "Generation", current: "Generation", progress: Callable[[str], None]
    ) -> "Generation":
        reopened = self._store.reopen(generation)
        self._filler.fill(current, reopened, progress=progress)
        return self._store.activate(reopened)

    def _alone(self, corpus: str) -> AbstractContextManager[None]:
        busy = f"a generation of corpus {corpus!r} is being made right now; wait until it serves"
        return spool.alone(self._lock(corpus), otherwise=busy)


def references(generation: "Generation") -> tuple[str, ...]:
    """Registry references of the models that a generation was made with, each once."""
    named = [name for spec in generation.specs for name in (spec.model, spec.weights)]
    return tuple(dict.fromkeys(name for name in named if name.startswith(f"{generation.corpus}.")))
