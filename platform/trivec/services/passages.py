"""From documents to passages with what encoders need of them; and when a document counts as unchanged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from trivec.records import AnalysedText, Document, Passage, StoredPassage
from trivec.services.spool import document_line

if TYPE_CHECKING:
    from trivec.text.analyser import Analyser
    from trivec.text.passages import Splitter

_TITLE_PIECES = 40  # of a passage's room are left to the title before it, at most
_PIECES_PER_CHARACTER = 0.25


@dataclass(frozen=True)
class Prepared:
    """Passages ready for encoding; `texts[i]` belongs to `passages[i]`."""

    passages: list[StoredPassage]
    texts: list[AnalysedText]


class Preparation:
    """Cleans, cuts and analyses. The parts are loaded at first use; threads may share one."""

    def prepare(self, documents: Sequence[Document], *, ingested_at: datetime) -> Prepared:
        """The passages of documents, in order."""
        passages = [passage for document in documents for passage in self._passages(document, ingested_at)]
        return Prepared(passages, self.analyse(passages))

    def analyse(self, passages: Sequence[StoredPassage]) -> list[AnalysedText]:
        """What encoders read of stored passages: the title, then the passage."""
        return self._analyser.analyse([encoded_text(passage) for passage in passages])

    def _passages(self, document: Document, ingested_at: datetime) -> list[StoredPassage]:
        from trivec.text.cleaning import clean
        from trivec.text.language import detect

        text, title = clean(document.text), clean(document.title)
        reserved = min(_TITLE_PIECES, int(len(title) * _PIECES_PER_CHARACTER) + 1) if title else 0
        parts = self._splitter.split(text, reserved=reserved) or [Passage(0, "", 0, 0)]
        language, content = detect(text), content_hash(document)
        return [
            StoredPassage(
                document_id=document.id,
                passage=part,
                passages=len(parts),
                title=title,
                date=document.date,
                labels=document.labels,
                source=document.source,
                content_hash=content,
                ingested_at=ingested_at,
                language=language,
                metadata=document.metadata,
            )
            for part in parts
        ]

    @cached_property
    def _analyser(self) -> "Analyser":
        from trivec.text.analyser import default_analyser

        return default_analyser()

    @cached_property
    def _splitter(self) -> "Splitter":
        from trivec.text.passages import Splitter

        return Splitter()


def encoded_text(passage: StoredPassage) -> str:
    """What encoders read of a passage: a title says what each part of a long text is about."""
    return f"{passage.title}\n{passage.passage.text}" if passage.title else passage.passage.text


def content_hash(document: Document) -> str:
    """Of everything its source said; equal hash, unchanged document."""
    return blake2b(document_line(document), digest_size=16).hexdigest()
