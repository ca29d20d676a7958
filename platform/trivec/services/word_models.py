"""Learning what a corpus knows of words: Word2Vec and word weights, registered under the corpus's name.

A stream of analysed passages goes in, as often as it is asked for; registry references come out.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from trivec.errors import BadInput
from trivec.records import AnalysedText, Scalar

if TYPE_CHECKING:
    from trivec.encoders.base import EncoderSpec
    from trivec.encoders.word2vec import Trained
    from trivec.encoders.words import WordWeights
    from trivec.registry import Registry

Progress = Callable[[str], None]
Texts = Callable[[], Iterator[AnalysedText]]
Artefacts = Callable[[str], Path]
Specs = Callable[[str, str, Artefacts], "tuple[EncoderSpec, ...]"]

_SAMPLE = 2000  # texts are enough for the direction that all share
_TOLD_EVERY = 2000  # texts


@dataclass(frozen=True)
class Learned:
    """What a generation was learned from; the references are "" where there was too little.

    Attributes:
        word2vec: registry reference.
        weights: registry reference.
        documents: learned from.
    """

    word2vec: str = ""
    weights: str = ""
    documents: int = 0

    @classmethod
    def parse(cls, details: Mapping[str, Scalar]) -> "Learned":
        """From the details of a generation."""
        found = {name: details.get(name, "") for name in ("word2vec", "weights")}
        return cls(str(found["word2vec"]), str(found["weights"]), int(details.get("documents", 0)))

    @property
    def references(self) -> tuple[str, ...]:
        """Those there are."""
        return tuple(reference for reference in (self.word2vec, self.weights) if reference)


class WordLearner:
    """Trains and registers.

    Args:
        registry: of what is learned.
        specs: describes the encoders of a generation, given references of word vectors and of weights and what turns
            a reference into a folder.
        cache: folder of converted tables.
        dimension: of the word vectors.
    """

    def __init__(self, registry: "Registry", specs: Specs, *, cache: Path, dimension: int) -> None:
        self._registry = registry
        self._specs = specs
        self._cache = cache
        self._dimension = dimension

    def specs(self, learned: Learned) -> "tuple[EncoderSpec, ...]":
        """The encoders of a generation that uses what was learned."""
        return self._specs(learned.word2vec, learned.weights, self._registry.path)

    def promote(self, learned: Learned, *, reason: str) -> None:
        """Makes it the corpus's champion."""
        for reference in learned.references:
            if self._registry.champion(reference.rpartition(":")[0]) != reference:
                self._registry.promote(reference, reason=reason)

    def learn(self, corpus: str, texts: Texts, *, documents: int, progress: Progress) -> Learned:
        """Learns and registers; a corpus too poor in words for Word2Vec gets weights alone.

        Args:
            corpus: named in the registry: `news.word2vec`, `news.weights`.
            texts: reads the passages from the start, each time it is called.
            documents: how many they belong to.
            progress: told what is being done.
        """
        from trivec.encoders import words

        counting = _Watched(progress)
        weights = words.fit(counting.watch(texts()))
        trained = self._train(texts, progress)
        progress("keeping what was learned")
        with TemporaryDirectory(prefix="trivec-learned-") as folder:
            vectors = self._keep_vectors(corpus, trained, Path(folder) / "vectors", counting.digest) if trained else ""
            weights = self._with_common(weights, vectors, Path(folder) / "provisional", _sample(texts()))
            kept = self._keep_weights(corpus, weights, Path(folder) / "weights", counting.digest)
        return Learned(vectors, kept, documents)

    def _train(self, texts: Texts, progress: Progress) -> "Trained | None":
        from trivec.encoders import word2vec

        try:
            return word2vec.train(
                (text.tokens for text in texts()),
                training=word2vec.Training(dimension=self._dimension),
                progress=lambda done, epochs: progress(f"training Word2Vec: epoch {done} of {epochs}"),
            )
        except BadInput as poor:
            progress(str(poor))
            return None

    def _keep_vectors(self, corpus: str, trained: "Trained", folder: Path, digest: str) -> str:
        trained.save(folder)
        return self._registry.save(
            f"{corpus}.word2vec",
            folder,
            parameters=asdict(trained.training),
            metrics={"tokens": trained.tokens, "words": len(trained.table.words)},
            data_hash=digest,
        )

    def _keep_weights(self, corpus: str, weights: "WordWeights", folder: Path, digest: str) -> str:
        weights.save(folder)
        return self._registry.save(
            f"{corpus}.weights",
            folder,
            parameters={"documents": weights.documents},
            metrics={"words": len(weights.words), "average_terms": weights.average_terms},
            data_hash=digest,
        )

    def _with_common(
        self, weights: "WordWeights", vectors: str, folder: Path, sample: Sequence[AnalysedText]
    ) -> "WordWeights":
        """With the direction that all texts share, for each encoder that averages word vectors."""
        from trivec.encoders import catalog
        from trivec.encoders.averaging import WordAverage, fit_common

        weights.save(folder)
        provisional = "provisional:0"

        def artefacts(reference: str) -> Path:
            return folder if reference == provisional else self._registry.path(reference)

        weighted = [spec for spec in self._specs(vectors, provisional, artefacts) if spec.weights]
        for encoder in catalog.build(weighted, artefacts=artefacts, cache=self._cache).encoders.values():
            if isinstance(encoder, WordAverage):
                weights = fit_common(weights, encoder, sample)
        return weights


class _Watched:
    """Passes texts through while it hashes them and says how many there were."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._hash = blake2b(digest_size=16)

    def watch(self, texts: Iterator[AnalysedText]) -> Iterator[AnalysedText]:
        for number, text in enumerate(texts):
            if number % _TOLD_EVERY == 0:
                self._progress(f"counting words: {number} passages so far")
            self._hash.update(text.text.encode() + b"\0")
            yield text

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _sample(texts: Iterator[AnalysedText]) -> list[AnalysedText]:
    """A fair sample in one pass, the same each time (Vitter's algorithm R)."""
    chance = random.Random(1)  # noqa: S311
    kept: list[AnalysedText] = []
    for number, text in enumerate(texts):
        if number < _SAMPLE:
            kept.append(text)
        elif (place := chance.randrange(number + 1)) < _SAMPLE:
            kept[place] = text
    return kept
