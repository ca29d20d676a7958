"""A hit for people: heading, passage with the question's words marked, and where its score comes from."""

from rich.padding import Padding
from rich.text import Text

from trivec.records import Hit

WIDTH = 480  # characters of a passage that are shown


def heading(number: int, hit: Hit) -> Text:
    """Rank, title and score, then where it is from."""
    stored = hit.passage
    text = Text(f"{number:>2}. ", style="bold")
    text.append(stored.title or hit.document_id, style="bold cyan")
    text.append(f"  {hit.score:.3f}", style="dim")
    facts = [
        hit.document_id if stored.title else "",
        f"{stored.date:%Y-%m-%d}" if stored.date else "",
        " / ".join(stored.labels),
        stored.source,
    ]
    text.append("\n    " + " · ".join(fact for fact in facts if fact), style="dim")
    return text


def passage(hit: Hit) -> Padding:
    """The passage around its first highlight."""
    whole = hit.passage.passage.text
    text = Text(whole)
    for span in hit.highlights:
        text.stylize("bold yellow", span.start, span.end)
    first = hit.highlights[0].start if hit.highlights else 0
    start = max(0, min(first - WIDTH // 4, len(whole) - WIDTH))
    shown = text[start : start + WIDTH]
    if start > 0:
        shown = Text("... ") + shown
    if start + WIDTH < len(whole):
        shown.append(" ...")
    return Padding(Text(" ").join(shown.split("\n")), (0, 0, 0, 4))


def reasons(hit: Hit) -> Text:
    """What each source, and each word where that can be told, added to the score."""
    text = Text("    ")
    for name, amount in sorted(hit.contributions.items(), key=lambda item: -item[1]):
        seen = hit.sources.get(name)
        rank = f" (rank {seen.rank}, {seen.score:.3f})" if seen else ""
        text.append(f"{name} +{amount:.3f}{rank}  ", style="green")
    words = sorted(hit.words, key=lambda word: -word.contribution)
    if words:
        told = ", ".join(f"{word.word} +{word.contribution:.3f}" for word in words[:8])
        text.append(f"\n    words: {told}", style="dim green")
    return text
