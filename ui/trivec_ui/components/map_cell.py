"""What was chosen on the map, in words: the cells' words, labels and course over time, and their documents.

Answers of the API in, HTML out; everything that comes from documents is escaped.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from html import escape
from textwrap import shorten

from trivec.api.map_schemas import CellAnswer, PlacedDocumentAnswer

_WORDS = 10
_SHOWN = 300  # characters of a document


def heading(cells: Sequence[CellAnswer], documents: int) -> str:
    """How much was chosen."""
    if len(cells) == 1:
        return f"Cell {cells[0].number} · {_many(documents)}"
    return f"{len(cells)} cells · {_many(documents)}" if cells else _many(documents)


def summary_html(cells: Sequence[CellAnswer], periods: Sequence[date]) -> str:
    """What the chosen cells are about, and how their share of all documents changed."""
    lines = [f'<p class="map-words">{escape(" · ".join(words(cells)))}</p>']
    labels = _labels(cells)
    if labels:
        lines.append(f'<p class="facets">{labels}</p>')
    if chart := course_html(cells, periods):
        lines.append(chart)
    return "".join(lines)


def words(cells: Sequence[CellAnswer]) -> list[str]:
    """The words of some cells, those of many documents first."""
    weights: Counter[str] = Counter()
    for cell in cells:
        for place, word in enumerate(cell.words):
            weights[word] += cell.count / (1 + place)  # type: ignore[assignment]
    return [word for word, _ in weights.most_common(_WORDS)]


def course_html(cells: Sequence[CellAnswer], periods: Sequence[date]) -> str:
    """A bar for each period, as high as the cells' share of its documents; "" without dates."""
    shares = [sum(cell.shares[at] for cell in cells if cell.shares) for at in range(len(periods))]
    if not any(shares):
        return ""
    most = max(shares)
    bars = "".join(
        f'<span style="height:{max(2.0, 100 * share / most):.0f}%" title="from {begin:%Y-%m-%d}: {share:.2%}"></span>'
        for share, begin in zip(shares, periods, strict=True)
    )
    return (
        f'<div class="map-course"><div class="course">{bars}</div>'
        f'<p class="facets">share of all documents in {len(shares)} periods from {periods[0]:%Y} on, '
        f"at most {most:.1%}</p></div>"
    )


def document_html(document: PlacedDocumentAnswer) -> str:
    """One document as a row."""
    facts = [f"{document.date:%-d %B %Y}" if document.date else "", " › ".join(document.labels), document.source]
    odd = f"p {document.p_value:.3f}" if document.p_value is not None and document.p_value < 0.05 else ""
    text = shorten(document.text, _SHOWN, placeholder=" …")
    return (
        f'<div class="hit map-document"><p class="hit-title">{escape(document.title or document.document_id)}</p>'
        f'<p class="hit-meta">{" · ".join(escape(each) for each in (*facts, f"cell {document.cell}", odd) if each)}</p>'
        f'<p class="hit-text">{escape(text)}</p></div>'
    )


def _labels(cells: Sequence[CellAnswer]) -> str:
    counts: Counter[str] = Counter()
    for cell in cells:
        if cell.label:
            counts[cell.label] += cell.count
    return " · ".join(f"{escape(label)} <b>{count:,}</b>" for label, count in counts.most_common(4))


def _many(documents: int) -> str:
    return "1 document" if documents == 1 else f"{documents:,} documents"
