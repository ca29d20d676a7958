"""Reading the published layouts: a folder in, documents, questions, judgements out; what is wrong is said by line."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from trivec.errors import BadInput
from trivec.learning.taxonomy import Example
from trivec.metrics.ranking import Judgements
from trivec.records import Document
from trivec.text.cleaning import clean

JUDGEMENT_FILES: Final = ("test.tsv", "train.tsv")  # the first there is
WORD_PAIRS: Final = "wordsim353.csv"
ANALOGIES: Final = "questions-words.txt"


@dataclass(frozen=True)
class RetrievalData:
    """Documents, the questions asked of them, and which document answers which (BEIR layout).

    Attributes:
        name: of the folder.
        documents: those with any text, in file order.
        queries: only those with a document judged relevant, by id.
        judgements: query -> document -> grade, in the order of `queries`.
        empty: how many documents had neither title nor text and were left out.
    """

    name: str
    documents: tuple[Document, ...]
    queries: dict[str, str]
    judgements: Judgements
    empty: int


@dataclass(frozen=True)
class WordPair:
    """Two words and how related people find them; higher is closer."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class WordTests:
    """Word lists, and the texts that stand beside them to train on.

    Attributes:
        name: of the folder.
        pairs: judged word pairs.
        analogies: (a, b, c, d), where a is to b as c is to d.
        corpora: text files to train on, none when there is no `corpora` folder.
    """

    name: str
    pairs: tuple[WordPair, ...]
    analogies: tuple[tuple[str, str, str, str], ...]
    corpora: tuple[Path, ...]


@dataclass(frozen=True)
class TaxonomyData:
    """Labelled texts to learn from, and others to judge by.

    Attributes:
        name: of the folder.
        train: all of these may be used, also to choose by.
        test: for the final figures only.
    """

    name: str
    train: tuple[Example, ...]
    test: tuple[Example, ...]


@dataclass(frozen=True)
class AnomalyData:
    """Normal texts to learn from, and texts of both kinds to judge by.

    Attributes:
        name: of the folder.
        train: normal texts; all of these may be used, also to choose by.
        test: for the final figures only.
        anomalies: which of `test` are anomalies.
    """

    name: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    anomalies: tuple[bool, ...]


def read_retrieval(folder: Path) -> RetrievalData:
    """Read a retrieval set: `corpus.jsonl[.gz]`, `queries.jsonl[.gz]`, `qrels/test.tsv` or `qrels/train.tsv`.

    Raises:
        BadInput: a missing file, or a line that cannot be used.
    """
    check_folder(folder)
    queries = {
        _field(row, "_id", where): _field(row, "text", where)
        for row, where in read_lines(find_lines(folder, "queries"))
    }
    judgements = {query: judged for query, judged in _read_judgements(folder).items() if any(judged.values())}
    unknown = [query for query in judgements if query not in queries]
    if unknown or not judgements:
        what = (
            f"judges query {unknown[0]!r}, which queries.jsonl does not hold" if unknown else "judges nothing relevant"
        )
        raise BadInput(f"{folder / 'qrels'} {what}")
    rows = [_document(row, where, folder.name) for row, where in read_lines(find_lines(folder, "corpus"))]
    documents = tuple(row for row in rows if row.text)
    if not documents:
        raise BadInput(f"{folder} holds no document with any text")
    return RetrievalData(
        name=folder.name,
        documents=documents,
        queries={query: queries[query] for query in judgements},
        judgements=judgements,
        empty=len(rows) - len(documents),
    )


def read_words(folder: Path) -> WordTests:
    """Read word tests: `wordsim353.csv` and `questions-words.txt` (either may be missing), `../corpora/*` to train on.

    Raises:
        BadInput: neither list is there, or a line cannot be used.
    """
    check_folder(folder)
    tests = WordTests(
        name=folder.name,
        pairs=tuple(_read_pairs(folder / WORD_PAIRS)) if (folder / WORD_PAIRS).exists() else (),
        analogies=tuple(_read_analogies(folder / ANALOGIES)) if (folder / ANALOGIES).exists() else (),
        corpora=tuple(sorted((folder.resolve().parent / "corpora").glob("*/documents.jsonl*"))),
    )
    if not tests.pairs and not tests.analogies:
        raise BadInput(f"{folder} holds neither {WORD_PAIRS} nor {ANALOGIES}")
    return tests


def read_taxonomy(folder: Path) -> TaxonomyData:
    """Read a taxonomy set: `train.jsonl[.gz]` and `test.jsonl[.gz]` of {"id", "text", "labels"}, root label first.

    Raises:
        BadInput: a missing file, a line that cannot be used, or a part without any text.
    """
    check_folder(folder)
    train, test = (tuple(_examples(find_lines(folder, part))) for part in ("train", "test"))
    if not train or not test:
        raise BadInput(f"{folder} holds {len(train)} texts to train on and {len(test)} to test with: both are needed")
    return TaxonomyData(folder.name, train, test)


def read_anomalies(folder: Path) -> AnomalyData:
    """Read `train.jsonl[.gz]` of {"id", "text"} and `test.jsonl[.gz]` of {"id", "text", "anomaly"}, 0 or 1.

    Raises:
        BadInput: a missing file, a line that cannot be used, or a test part without one of the two kinds.
    """
    check_folder(folder)
    train = tuple(clean(_field(row, "text", where)) for row, where in read_lines(find_lines(folder, "train")))
    test = [
        (clean(_field(row, "text", where)), _anomaly(row, where))
        for row, where in read_lines(find_lines(folder, "test"))
    ]
    odd = sum(anomaly for _, anomaly in test)
    if not any(train) or not 0 < odd < len(test):
        raise BadInput(
            f"{folder} holds {len(train)} normal texts, and {odd} anomalies among {len(test)} texts to test with: "
            "normal texts to learn from and both kinds to test with are needed"
        )
    return AnomalyData(
        name=folder.name,
        train=tuple(text for text in train if text),
        test=tuple(text for text, _ in test),
        anomalies=tuple(anomaly for _, anomaly in test),
    )


def read_lines(path: Path) -> Iterator[tuple[dict[str, object], str]]:
    """Each JSON object of a `.jsonl` or `.jsonl.gz` file, and where it stands, for messages."""
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}, line {number}"
            try:
                row = json.loads(line)
            except ValueError as broken:
                raise BadInput(f"{where} is not JSON: {broken}") from broken
            if not isinstance(row, dict):
                raise BadInput(f"{where} is not a JSON object: {line[:60]!r}")
            yield row, where


def check_folder(folder: Path) -> None:
    """Raise BadInput where there is no such folder."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder: give the folder of one data set")


def find_lines(folder: Path, stem: str) -> Path:
    """The file `stem.jsonl.gz` or `stem.jsonl` of a folder.

    Raises:
        BadInput: there is neither.
    """
    for name in (f"{stem}.jsonl.gz", f"{stem}.jsonl"):
        if (folder / name).exists():
            return folder / name
    held = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
    raise BadInput(f"{folder} has no {stem}.jsonl.gz or {stem}.jsonl (it holds {held})")


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8"))
    return path.open(encoding="utf-8")


def _field(row: dict[str, object], key: str, where: str) -> str:
    value = row.get(key)
    if isinstance(value, int):  # ids that were written as numbers
        return str(value)
    if not isinstance(value, str):
        raise BadInput(f"{where} has no text in {key!r} but {value!r}")
    return value


def _anomaly(row: dict[str, object], where: str) -> bool:
    value = row.get("anomaly")
    if value not in (0, 1):
        raise BadInput(f"{where} has no 0 or 1 in 'anomaly' but {value!r}")
    return bool(value)


def _document(row: dict[str, object], where: str, source: str) -> Document:
    """One document; where there is a title only, it is the text."""
    title = _field(row, "title", where).strip() if row.get("title") else ""
    text = _field(row, "text", where).strip() if row.get("text") else ""
    return Document(id=_field(row, "_id", where), text=text or title, title=title if text else "", source=source)


def _examples(path: Path) -> Iterator[Example]:
    """The labelled texts, cleaned as all texts are; those without any text are left out."""
    for row, where in read_lines(path):
        labels = row.get("labels")
        if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
            raise BadInput(f"{where} has no path of labels in 'labels' but {labels!r}")
        if text := clean(_field(row, "text", where)):
            yield Example(text, tuple(labels))


def _read_judgements(folder: Path) -> dict[str, dict[str, int]]:
    path = next((p for name in JUDGEMENT_FILES if (p := folder / "qrels" / name).exists()), None)
    if path is None:
        raise BadInput(f"{folder / 'qrels'} has neither {' nor '.join(JUDGEMENT_FILES)}")
    judgements: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
            try:
                query, document, grade = row
                judgements.setdefault(query, {})[document] = int(grade)
            except ValueError as unusable:
                if number == 1:  # the header
                    judgements.clear()
                    continue
                raise BadInput(f"{path}, line {number}: {row} is not query-id, corpus-id, score") from unusable
    return judgements


def _read_pairs(path: Path) -> Iterator[WordPair]:
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            try:
                first, second, score = row
                yield WordPair(first.strip().lower(), second.strip().lower(), float(score))
            except ValueError as unusable:
                if number > 1:
                    raise BadInput(f"{path}, line {number}: {row} is not word1, word2, score") from unusable


def _read_analogies(path: Path) -> Iterator[tuple[str, str, str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        words = line.lower().split()
        if not words or words[0] == ":":
            continue
        if len(words) != 4:
            raise BadInput(f"{path}, line {number}: {line!r} is not four words")
        yield words[0], words[1], words[2], words[3]
