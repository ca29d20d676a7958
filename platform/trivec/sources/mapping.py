"""Which column is what: told by the user, or guessed from names and content.

Column names and the first rows go in, a `ColumnMapping` comes out. Nested objects count as columns under dotted names
(`metadata.date`), so what they hold can be mapped too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trivec.errors import BadInput, BadMapping
from trivec.sources.dates import parse_date

METADATA = "metadata"  # the column whose keys are metadata under their own names
_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "uuid", "guid", "docid", "documentid", "docno", "identifier", "pmid", "doi", "articleid", "pk"),
    "title": ("title", "headline", "heading", "subject", "documenttitle", "name"),
    "text": (
        *("text", "body", "content", "fulltext", "abstract", "article", "document", "passage", "paragraph", "message"),
        *("description", "summary", "review", "comment", "plot", "transcript", "question", "tweet", "sentence"),
    ),
    "date": (
        *("date", "published", "publishedat", "publicationdate", "publisheddate", "pubdate", "publishdate"),
        *("datetime", "timestamp", "createdat", "created", "creationdate", "time", "year"),
    ),
    "labels": (
        *("labels", "label", "categories", "category", "taxonomy", "topics", "topic", "genres", "genre", "section"),
        "class",
    ),
    "source": ("source", "feed", "publisher"),
}
_PROSE = 20  # characters a text has on average, at least, when only its length gives it away


@dataclass(frozen=True)
class ColumnMapping:
    """Names of columns. None: guess it; "": there is none.

    Attributes:
        id: unique per row; rows without such a column are numbered within their file.
        title: may be empty in a row.
        text: the body; the only one that has to exist.
        date: when the text was written.
        labels: a list, or a path such as `a/b` or `a > b`, root first.
        source: where the text came from, instead of the file's name.
        metadata: columns to keep besides; None for all the others.
    """

    id: str | None = None
    title: str | None = None
    text: str | None = None
    date: str | None = None
    labels: str | None = None
    source: str | None = None
    metadata: tuple[str, ...] | None = None

    def columns(self) -> dict[str, str]:
        """Field -> column, for the fields that have one."""
        return {field: column for field in _NAMES if (column := getattr(self, field))}

    def completed(self, rows: Sequence[Mapping[str, object]]) -> "ColumnMapping":
        """This mapping with what it leaves open guessed from the first (flat) rows.

        Raises:
            BadMapping: a column that is named does not exist, or no column can be the text.
        """
        columns = list(dict.fromkeys(column for row in rows for column in row))
        for field, column in self.columns().items():
            if column not in columns:
                raise BadMapping(f"there is no column {column!r} for {field}; there are: {_listed(columns)}")
        known = self.columns()
        found = guess(columns, rows, taken=frozenset(known.values())).columns()
        found = {**{field: found.get(field, "") for field in self._open_fields()}, **known}
        if self.text is None and not found["text"]:
            found.update(text=found.get("title", ""), title="")
        mapping = _mapping(found, self.metadata)
        if not mapping.text:
            raise BadMapping(f"no column looks like a text; name it. There are: {_listed(columns)}")
        return mapping

    def extended(self, told: "ColumnMapping", columns: Sequence[str], row: Mapping[str, object]) -> "ColumnMapping":
        """This mapping with columns that first appear in a later row, for fields that nobody told and nothing fills.

        The text and the id stay what they are, so that the documents of one file are all made alike.
        """
        known = self.columns()
        found = guess(columns, [row], taken=frozenset(known.values())).columns()
        late = {field: found.get(field, "") for field in told._open_fields() if field not in ("id", "text")}
        return _mapping({**late, **known}, self.metadata)

    def _open_fields(self) -> list[str]:
        return [field for field in _NAMES if getattr(self, field) is None]


def _mapping(columns: Mapping[str, str], metadata: tuple[str, ...] | None) -> ColumnMapping:
    def column(field: str) -> str:
        return columns.get(field, "")

    return ColumnMapping(
        id=column("id"),
        title=column("title"),
        text=column("text"),
        date=column("date"),
        labels=column("labels"),
        source=column("source"),
        metadata=metadata,
    )


def guess(
    columns: Sequence[str], rows: Sequence[Mapping[str, object]], *, taken: frozenset[str] = frozenset()
) -> ColumnMapping:
    """The likeliest column for each field, "" where there is none. Columns in `taken` have a role already.

    Example:
        >>> guess(["_id", "headline", "body"], [{"_id": 1, "headline": "A", "body": "B"}]).columns()
        {'id': '_id', 'title': 'headline', 'text': 'body'}
    """
    found: dict[str, str] = {}
    for field in ("id", "text", "title", "date", "labels", "source"):
        candidates = _by_name(_NAMES[field], columns, taken | set(found.values()))
        found[field] = next((column for column in candidates if _fits(field, column, rows)), "")
    found["text"] = found["text"] or _longest(columns, rows, taken | set(found.values()))
    found["date"] = found["date"] or _dated(columns, rows, taken | set(found.values()))
    return _mapping(found, None)


def _by_name(names: Sequence[str], columns: Sequence[str], taken: frozenset[str]) -> Iterator[str]:
    """Free columns called by one of the names, in the order of the names; nested ones last."""
    free = sorted((column for column in columns if column not in taken), key=lambda column: column.count("."))
    for name in names:
        yield from (column for column in free if _plain(column) == name)


def _plain(column: str) -> str:
    return re.sub(r"[\W_]", "", column.removeprefix(f"{METADATA}.").lower())


def _fits(field: str, column: str, rows: Sequence[Mapping[str, object]]) -> bool:
    values = [row[column] for row in rows if row.get(column) not in (None, "")]
    if field == "id":
        return "." not in column and len({str(value) for value in values}) * 2 > len(values)
    if field == "text":
        return not values or any(isinstance(value, str) for value in values)
    if field == "date":
        return _mostly_dates(values)
    return True


def _mostly_dates(values: Sequence[object]) -> bool:
    return sum(map(_is_date, values)) * 2 > len(values)


def _is_date(value: object) -> bool:
    try:
        parse_date(value)
    except BadInput:
        return False
    return True


def _longest(columns: Sequence[str], rows: Sequence[Mapping[str, object]], taken: frozenset[str]) -> str:
    """The free column with the longest strings, if they are long enough for prose."""
    lengths = {column: _mean_length(column, rows) for column in columns if column not in taken}
    best = max(lengths, key=lambda column: lengths[column], default="")
    return best if best and lengths[best] >= _PROSE else ""


def _mean_length(column: str, rows: Sequence[Mapping[str, object]]) -> float:
    texts = [value for row in rows if isinstance(value := row.get(column), str) and " " in value.strip()]
    return sum(map(len, texts)) / len(rows) if rows else 0.0


def _dated(columns: Sequence[str], rows: Sequence[Mapping[str, object]], taken: frozenset[str]) -> str:
    """The first free column that holds written dates (numbers alone may be anything)."""
    for column in columns:
        values = [row[column] for row in rows if column in row and row[column] not in (None, "")]
        written = [value for value in values if not isinstance(value, str) or re.search(r"\d[-/.: ]|\s\d", value)]
        numbers = any(_is_number(value) for value in values)
        if column not in taken and values and written == values and not numbers and _mostly_dates(values):
            return column
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value.replace(".", "", 1).isdigit())


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:40]) or "none"
