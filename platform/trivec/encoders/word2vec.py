"""Word2Vec: what words mean in this corpus.

Trains a table of word vectors on a stream of tokenised texts (Mikolov et al., 2013, by gensim), or opens a trained one,
and averages its vectors into text vectors.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from trivec.encoders import averaging
from trivec.encoders.averaging import WordAverage
from trivec.encoders.base import EncoderSpec
from trivec.encoders.tables import WordTable, read
from trivec.encoders.words import Tokens, WordWeights
from trivec.errors import BadInput, MissingExtra

if TYPE_CHECKING:
    from gensim.models import Word2Vec as GensimModel

# Measured (nDCG@10, CBOW against skip-gram, same epochs): 17,000 tokens of Medline .58 : .68, 20,000 of Cranfield
# .30 : .43, 90,000 to 125,000 tokens .39 : .52; at 3,000 tokens (ADI) they are equal within noise and CBOW is faster.
SKIP_GRAM_TOKENS = 5_000
ENOUGH_TOKENS = 3_000_000
FEWEST_EPOCHS, MOST_EPOCHS = 5, 50
SMALL_CORPUS_TOKENS = 1_000_000  # below it, a word that occurs twice is worth a vector; above, five times
LONGEST_LINE = 10_000  # gensim silently drops what a line holds beyond this

Algorithm = Literal["auto", "cbow", "skip_gram"]
Progress = Callable[[int, int], None]  # epochs done, epochs in all


@dataclass(frozen=True)
class Training:
    """How to train.

    Attributes:
        algorithm: `cbow`, `skip_gram`, or `auto`: CBOW for a corpus of less than `SKIP_GRAM_TOKENS` tokens.
        loss: `negative` sampling or `hierarchical` softmax.
        negatives: noise words per word, for negative sampling.
        dimension: of the vectors.
        window: words to each side; 10 measures .02 nDCG@10 better than 5 (subjects rather than grammar).
        minimum_count: words that occur less often get no vector; 0 chooses by the size of the corpus.
        epochs: passes over the corpus; 0 chooses so many that about `ENOUGH_TOKENS` tokens are seen.
        sample: threshold above which frequent words are skipped at random.
        workers: threads. One gives the same vectors for the same seed; several are faster and do not.
        seed: of all randomness.
    """

    algorithm: Algorithm = "auto"
    loss: Literal["negative", "hierarchical"] = "negative"
    negatives: int = 5
    dimension: int = 128
    window: int = 10
    minimum_count: int = 0
    epochs: int = 0
    sample: float = 1e-3
    workers: int = 1
    seed: int = 1


@dataclass(frozen=True)
class Trained:
    """A trained table and what it was trained with and on.

    Attributes:
        table: the vectors, most frequent words first.
        training: the options with everything chosen.
        tokens: of the corpus, repeated words counted.
    """

    table: WordTable
    training: Training
    tokens: int

    def save(self, folder: Path) -> None:
        """Write the table and `word2vec.json` into the folder."""
        self.table.save(folder)
        facts = {**asdict(self.training), "tokens": self.tokens, "words": len(self.table.words)}
        (folder / "word2vec.json").write_text(json.dumps(facts), encoding="utf-8")


def load(spec: EncoderSpec, *, source: Path, weights: WordWeights | None, cache: Path) -> WordAverage:
    """Build the encoder from a folder that `Trained.save` wrote, or from any pre-trained file."""
    return averaging.build(spec, read(source, cache=cache), weights)


def train(texts: Iterable[Tokens], *, training: Training | None = None, progress: Progress | None = None) -> Trained:
    """Train on a stream of tokenised texts, which is read once; memory grows with the vocabulary only.

    Args:
        texts: the tokens of each text, without stop words (that measures better, see docs/guide/encoders.md).
        training: how; the defaults suit corpora from a few hundred texts on.
        progress: told after each epoch.

    Raises:
        BadInput: the corpus has too few repeated words to learn from.
    """
    with tempfile.TemporaryDirectory(prefix="trivec-word2vec-") as folder:
        corpus = Path(folder) / "corpus.txt"
        tokens = _write(texts, corpus)
        chosen = choose(training or Training(), tokens=tokens)
        model = _gensim_model(chosen)
        model.build_vocab(corpus_file=str(corpus))
        if not model.wv.index_to_key:
            raise BadInput(
                f"Word2Vec cannot be trained: no word of {tokens} occurs {chosen.minimum_count} times; add documents"
            )
        model.train(
            corpus_file=str(corpus),
            total_words=model.corpus_total_words,
            total_examples=model.corpus_count,
            epochs=chosen.epochs,
            callbacks=[_Epochs(chosen.epochs, progress)] if progress else [],
        )
    return Trained(WordTable(tuple(model.wv.index_to_key), np.array(model.wv.vectors, np.float32)), chosen, tokens)


def choose(training: Training, *, tokens: int) -> Training:
    """The same training with everything that depends on the size of the corpus decided."""
    wanted = math.ceil(ENOUGH_TOKENS / max(1, tokens))
    algorithm: Algorithm = "skip_gram" if tokens >= SKIP_GRAM_TOKENS else "cbow"
    return replace(
        training,
        algorithm=algorithm if training.algorithm == "auto" else training.algorithm,
        epochs=training.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, wanted)),
        minimum_count=training.minimum_count or (2 if tokens < SMALL_CORPUS_TOKENS else 5),
    )


def _write(texts: Iterable[Tokens], corpus: Path) -> int:
    """One line per text, longer ones in several; returns how many tokens were written."""
    tokens = 0
    with corpus.open("w", encoding="utf-8") as stream:
        for text in texts:
            words = iter(text)
            while line := list(islice(words, LONGEST_LINE)):
                stream.write(" ".join(line) + "\n")
                tokens += len(line)
    return tokens


def _gensim_model(training: Training) -> "GensimModel":
    try:
        from gensim.models import Word2Vec as Gensim
    except ImportError as error:
        raise MissingExtra("gensim", "encoders") from error
    negative_sampling = training.loss == "negative"
    return Gensim(
        vector_size=training.dimension,
        window=training.window,
        min_count=training.minimum_count,
        sg=int(training.algorithm == "skip_gram"),
        hs=int(not negative_sampling),
        negative=training.negatives if negative_sampling else 0,
        sample=training.sample,
        workers=training.workers,
        seed=training.seed,
    )


class _Epochs:
    """Tells a progress function after each epoch, as gensim's callbacks are told."""

    def __init__(self, epochs: int, progress: Progress) -> None:
        self._done, self._epochs, self._progress = 0, epochs, progress

    def on_train_begin(self, model: object) -> None: ...

    def on_epoch_begin(self, model: object) -> None: ...

    def on_epoch_end(self, model: object) -> None:
        self._done += 1
        self._progress(self._done, self._epochs)

    def on_train_end(self, model: object) -> None: ...
