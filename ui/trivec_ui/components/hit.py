"""One search hit as a card: what it says, where its words match, and which vectors found it.

Everything that comes from documents is escaped before it becomes HTML.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from trivec.api.schemas import DocumentAnswer, FacetAnswer, HitAnswer, SpanAnswer
from trivec_ui.components.theme import source_colour


def hit_html(hit: HitAnswer) -> str:
    """The whole card."""
    return (
        f'<div class="hit"><p class="hit-title">{escape(heading(hit))}</p><p class="hit-meta">{_meta(hit)}</p>'
        f'<p class="hit-text">{marked(hit.passage, hit.highlights)}</p>{_sources(hit)}</div>'
    )


def heading(hit: HitAnswer) -> str:
    """The title, or the document's id where it has none."""
    return hit.title or hit.document_id


def marked(text: str, spans: Sequence[SpanAnswer]) -> str:
    """The text with its spans marked, as HTML."""
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    pieces = [escape(text[start:end]) for start, end in pairwise(edges)]
    return "".join(f"<mark>{piece}</mark>" if odd % 2 else piece for odd, piece in enumerate(pieces))


def facets_html(facets: Mapping[str, Sequence[FacetAnswer]], *, most: int = 8) -> str:
    """The most frequent values among the documents found, one line per key that has more than one."""
    lines = []
    for key, counts in facets.items():
        if len(counts) > 1:
            values = " · ".join(f"{escape(count.value)} <b>{count.count}</b>" for count in counts[:most])
            lines.append(f'<p class="facets">{escape(key.capitalize())}: {values}</p>')
    return "".join(lines)


def document_html(document: DocumentAnswer, hit: HitAnswer | None) -> str:
    """The document in full; where a hit led here its passage is shaded and its matches are marked."""
    if hit is None:
        return f'<div class="full-text">{escape(document.text)}</div>'
    before, after = document.text[: hit.start], document.text[hit.end :]
    passage = marked(document.text[hit.start : hit.end], hit.highlights)
    return f'<div class="full-text">{escape(before)}<span class="passage">{passage}</span>{escape(after)}</div>'


def _meta(hit: HitAnswer) -> str:
    date = f"{hit.date:%-d %B %Y}" if hit.date else ""
    parts: Iterable[str] = (date, " › ".join(hit.labels), hit.source, hit.document_id if hit.title else "")
    return " · ".join(escape(part) for part in parts if part)


def _sources(hit: HitAnswer) -> str:
    badges = "".join(
        f'<span class="badge" style="color:{source_colour(name)}" title="rank {seen.rank}, score {seen.score:.4f}">'
        f"<b>{escape(name)}</b> #{seen.rank} · {seen.score:.3g}</span>"
        for name, seen in sorted(hit.sources.items(), key=lambda item: item[1].rank)
    )
    return f'<div class="hit-sources"><span class="score">{hit.score:.3f}</span>{_shares(hit)}{badges}</div>'


def _shares(hit: HitAnswer) -> str:
    if hit.explanation is None:
        return ""
    total = sum(part.contribution for part in hit.explanation.sources) or 1.0
    bars = "".join(
        f'<span style="width:{100 * part.contribution / total:.1f}%;background:{source_colour(part.source)}"'
        f' title="{escape(part.source)} {part.contribution:.3f}"></span>'
        for part in hit.explanation.sources
    )
    return f'<span class="shares">{bars}</span>'
