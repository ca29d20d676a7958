"""How much word vectors know: do they rank word pairs as people do, do they complete analogies?

Measures the packaged GloVe table, and Word2Vec as Trivec trains it on the texts that stand beside the lists.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from trivec.encoders import glove, word2vec
from trivec.errors import BadInput
from trivec.evaluation.datasets import WordPair, WordTests, read_lines, read_words
from trivec.evaluation.result import Figures, Result
from trivec.metrics.correlation import spearman
from trivec.records import Floats2d, Scalar

if TYPE_CHECKING:
    from trivec.encoders.tables import WordTable

MOST_FREQUENT: Final = 30_000  # analogies are asked among these words, as Mikolov et al. (2013) did
_ROWS: Final = 512  # analogies at a time

Say = Callable[[str], None]  # told what is going on


@dataclass(frozen=True)
class Vocabulary:
    """The unit vectors of a table's most frequent words.

    Attributes:
        rows: row of each word.
        vectors: shape (words, dimension), unit length.
    """

    rows: dict[str, int]
    vectors: Floats2d

    @classmethod
    def of(cls, table: "WordTable", words: int | None = None) -> "Vocabulary":
        """The first `words` of a table, or all of it; of a word that stands twice (in two cases), the first."""
        kept = table.words[:words]
        rows: dict[str, int] = {}
        for row, word in enumerate(kept):
            rows.setdefault(word.lower(), row)
        vectors = np.array(table.vectors[: len(kept)], np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cls(rows, vectors / np.maximum(lengths, np.float32(1e-12)))


def evaluate(
    folder: Path,
    *,
    cache: Path,
    glove_path: str = "",
    training: word2vec.Training | None = None,
    say: Say = lambda message: None,
) -> Result:
    """Measure word vectors on the lists of a folder (`wordsim353.csv`, `questions-words.txt`).

    Args:
        folder: of the lists; texts are looked for in `../corpora/*/documents.jsonl[.gz]`.
        cache: folder for converted tables.
        glove_path: a table of word vectors; "" is the packaged one.
        training: of Word2Vec; the production defaults when None.
        say: told what is going on.

    Returns:
        Variants `glove/wordsim353`, `glove/questions-words` and, where there are texts, the same of `word2vec`:
        Spearman's correlation or accuracy, and the share of the list that the vocabulary covers.

    Raises:
        BadInput: the folder holds no lists, or they cannot be read.
    """
    started = time.monotonic()
    tests = read_words(folder)
    say("reading GloVe")
    results = dict(_measure("glove", glove.table(glove_path, cache=cache), tests))
    details: dict[str, Scalar] = {"word_pairs": len(tests.pairs), "analogies": len(tests.analogies)}
    if tests.corpora:
        say(f"training Word2Vec on {', '.join(path.parent.name for path in tests.corpora)}")
        trained = word2vec.train(_tokens(tests.corpora), training=training, progress=_epochs(say))
        results |= _measure("word2vec", trained.table, tests)
        details |= {"training_tokens": trained.tokens, "word2vec": trained.training.algorithm}
    return Result(tests.name, "words", time.monotonic() - started, results, details=details)


def correlation(table: "WordTable", pairs: Sequence[WordPair]) -> dict[str, float]:
    """Spearman's correlation of cosine and judgement over the pairs of known words, and the share of those."""
    known = Vocabulary.of(table)
    found = [pair for pair in pairs if pair.first in known.rows and pair.second in known.rows]
    first = known.vectors[[known.rows[pair.first] for pair in found]]
    second = known.vectors[[known.rows[pair.second] for pair in found]]
    cosines = np.einsum("rd,rd->r", first, second).tolist()
    judged = spearman(cosines, [pair.score for pair in found])
    return {"spearman": judged, "coverage": len(found) / len(pairs)}


def analogies(table: "WordTable", questions: Sequence[tuple[str, str, str, str]]) -> dict[str, float]:
    """Share of the analogies whose last word is nearest to b - a + c, the three given words aside (3CosAdd).

    Only questions of four known words among the most frequent ones are asked (Mikolov et al., 2013); `coverage` is
    their share.
    """
    known = Vocabulary.of(table, MOST_FREQUENT)
    asked = [[known.rows[word] for word in four] for four in questions if all(word in known.rows for word in four)]
    right = 0
    for start in range(0, len(asked), _ROWS):
        rows = np.array(asked[start : start + _ROWS])
        a, b, c = (known.vectors[rows[:, place]] for place in range(3))
        scores = (b - a + c) @ known.vectors.T
        np.put_along_axis(scores, rows[:, :3], -np.inf, axis=1)
        right += int((scores.argmax(axis=1) == rows[:, 3]).sum())
    return {"accuracy": right / len(asked) if asked else 0.0, "coverage": len(asked) / len(questions)}


def _measure(name: str, table: "WordTable", tests: WordTests) -> Figures:
    figures: dict[str, dict[str, float]] = {}
    if tests.pairs:
        figures[f"{name}/wordsim353"] = correlation(table, tests.pairs)
    if tests.analogies:
        figures[f"{name}/questions-words"] = analogies(table, tests.analogies)
    return figures


def _tokens(corpora: Sequence[Path]) -> Iterator[tuple[str, ...]]:
    """The words of every text, as production trains on them."""
    from trivec.text.analyser import default_analyser

    analyser = default_analyser()
    for path in corpora:
        for row, where in read_lines(path):
            text = row.get("text")
            if not isinstance(text, str):
                raise BadInput(f"{where} has no text")
            yield analyser.analyse([text])[0].tokens


def _epochs(say: Say) -> Callable[[int, int], None]:
    return lambda done, epochs: say(f"trained {done} of {epochs} epochs")
