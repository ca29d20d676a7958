"""From a row to a document: the one place that says what a valid document is.

A row and a complete mapping go in; a document comes out, or `BadInput` that says what is wrong with the row.
"""

from collections.abc import Mapping

from trivec.errors import BadInput
from trivec.records import Document, MetadataValue
from trivec.sources.base import Row
from trivec.sources.dates import parse_date
from trivec.sources.mapping import METADATA, ColumnMapping
from trivec.sources.values import as_labels, as_metadata, as_object, as_string, as_text, flat, is_missing
from trivec.text.cleaning import clean

LONGEST_ID = 512  # characters


def flat_values(row: Row) -> dict[str, object]:
    """The values of a row as columns: nested objects, and a string that spells the metadata's, under dotted names.

    Raises:
        BadInput: there is a metadata column that holds no object.
    """
    values = row.values
    if METADATA in values:
        metadata = as_object(values[METADATA], typed=row.typed)
        if metadata is not None:
            values = {**values, METADATA: metadata}
    return flat(values)


def document(row: Row, values: Mapping[str, object], mapping: ColumnMapping, source: str) -> Document:
    """The document that a row describes; `values` are its `flat_values`.

    A row whose text is empty is its title. A row of a file without ids is called `source#number`, a file that is one
    document by its source: the same file again gives the same ids, and a changed row changes one document.

    Raises:
        BadInput: no text, a value of the wrong type, a date that is none, an id that is missing or too long.
    """
    title = as_string(_value(values, mapping.title), "title").strip()
    text = as_text(_value(values, mapping.text))
    if _is_blank(text):
        text, title = title, ""
    if _is_blank(text):
        raise BadInput(f"no text in column {mapping.text!r}")
    date = _value(values, mapping.date)
    return Document(
        id=_id(values, mapping, row, source),
        text=text,
        title=title,
        date=None if is_missing(date) else parse_date(date),
        labels=as_labels(_value(values, mapping.labels)),
        source=as_string(_value(values, mapping.source), "source").strip() or source,
        metadata=_metadata(values, mapping),
    )


def _value(values: Mapping[str, object], column: str | None) -> object:
    return values.get(column) if column else None


def _is_blank(text: str) -> bool:
    """Whether nothing is left of it when cleaned; the beginning nearly always says so."""
    return not clean(text[:100]) and not clean(text)


def _id(values: Mapping[str, object], mapping: ColumnMapping, row: Row, source: str) -> str:
    if not mapping.id:
        return f"{source}#{row.number}" if row.number else source
    found = as_string(values.get(mapping.id), "id").strip()
    if _is_blank(found):
        raise BadInput(f"no id in column {mapping.id!r}")
    if len(found) > LONGEST_ID:
        raise BadInput(f"an id of {len(found)} characters; at most {LONGEST_ID} are kept")
    return found


def _metadata(values: Mapping[str, object], mapping: ColumnMapping) -> dict[str, MetadataValue]:
    used = set(mapping.columns().values())
    wanted = mapping.metadata if mapping.metadata is not None else [column for column in values if column not in used]
    return {
        column.removeprefix(f"{METADATA}."): kept
        for column in wanted
        if column in values and (kept := as_metadata(values[column])) is not None
    }
