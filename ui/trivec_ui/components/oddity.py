"""A passage and why it is unusual: p-values of the views as bars, odd words marked, what stands out, what is near."""

from collections.abc import Mapping, Sequence
from html import escape
from math import expm1, log10

from trivec.api.anomaly_schemas import ExplainedAnswer, NearTextAnswer, OddWordAnswer, TraitAnswer, UnusualPassageAnswer

VIEWS = {
    "bert": "BERT",
    "glove": "GloVe",
    "word2vec": "Word2Vec",
    "words": "words",
    "form": "form",
    "spelling": "spelling",
}
ODD = 0.05  # p-value from which down a view finds a text odd
_DEEPEST = 4.0  # bars end at p = 10^-4
_WORDS, _CLIPPED = 8, 600
TRAITS = {
    "characters": "length",
    "pieces": "words",
    "word_length": "mean length of words",
    "longest_piece": "longest word",
    "capitals": "capital letters",
    "shouted": "words in capitals",
    "capitalised": "capitalised words",
    "digits": "digits",
    "longest_number": "longest number",
    "numbers": "numbers",
    "punctuation": "punctuation",
    "exclamation": "exclamation marks",
    "question": "question marks",
    "currency": "currency signs",
    "commas": "commas and colons",
    "full_stops": "full stops",
    "symbols": "brackets and symbols",
    "foreign": "letters beyond ASCII",
    "lines": "line breaks",
    "variety": "variety of words",
    "sentence": "length of sentences",
    "not_words": "pieces that are no words",
}
LENGTHS = frozenset({"characters", "pieces", "longest_piece", "longest_number", "numbers", "sentence"})


def chance(p_value: float) -> str:
    """A p-value as people read it.

    >>> chance(0.00004), chance(0.023)
    ('1 in 25,000', '1 in 43')
    """
    return f"1 in {round(1 / p_value):,}" if p_value < 0.5 else "usual"


def heading_html(found: UnusualPassageAnswer, rank: int) -> str:
    """Title, place and chance of a document."""
    facts = [found.date.date().isoformat() if found.date else "", " / ".join(found.labels), found.source]
    meta = " · ".join(escape(each) for each in facts if each)
    title = escape(found.title or found.document_id)
    return (
        f'<p class="hit-title">{rank}. {title} <span class="badge" style="color:#b42318">'
        f"{chance(found.anomaly.p_value)}</span></p>"
        f'<p class="hit-meta">{meta}</p>'
    )


def verdict_html(said: ExplainedAnswer) -> str:
    """How unusual a text is, in words."""
    what = "Unusual" if said.p_value <= ODD else "Nothing unusual"
    kind = "" if said.p_value <= ODD else " none"
    share = f"{said.p_value:.2%}" if said.p_value < 0.1 else f"{said.p_value:.0%}"
    return (
        f'<div class="verdict{kind}"><p class="verdict-path">{what}</p>'
        f'<p class="verdict-why">At most {share} of usual texts of this length are as unusual '
        f"(score {said.score:.1f}).</p></div>"
    )


def views_html(views: Mapping[str, float]) -> str:
    """A bar for each view, the longer the more unusual; those that find nothing stay grey."""
    return f'<ul class="tree">{"".join(_view_html(name, p) for name, p in views.items())}</ul>'


def _view_html(name: str, p_value: float) -> str:
    width = 100 * min(1.0, -log10(max(p_value, 1e-9)) / _DEEPEST)
    colour = ' style="width:{:.0f}%;background:{}"'.format(width, "#d9480f" if p_value <= ODD else "#b3bdd3")
    return (
        f'<li><div class="chance"><span class="chance-label">{escape(VIEWS.get(name, name))}</span>'
        f'<span class="chance-bar"><span{colour}></span></span>'
        f'<span class="score" style="min-width:5.5rem;text-align:right">{chance(p_value)}</span></div></li>'
    )


def disagreement(views: Mapping[str, float], p_value: float) -> str:
    """Which views find a text odd, in words; `p_value` is that of all together."""
    odd = [VIEWS.get(name, name) for name, p_value in views.items() if p_value <= ODD]
    usual = [VIEWS.get(name, name) for name, p_value in views.items() if p_value > ODD]
    if not odd:
        return "No view alone finds it odd; together they do." if p_value <= ODD else "No view finds it odd."
    if not usual:
        return "Every view finds it odd."
    return f"Odd by {_listed(odd)}; usual by {_listed(usual)}."


def text_html(text: str, words: Sequence[OddWordAnswer] = ()) -> str:
    """The passage with its odd words marked, the darker the more they matter."""
    most = max((word.weight for word in words), default=1.0)
    spans = sorted((span.start, span.end, word) for word in words[:_WORDS] for span in word.spans)
    parts, at = [], 0
    for start, end, word in sorted(spans, key=lambda span: span[:2]):
        if start >= at:
            strength = 0.15 + 0.55 * word.weight / most
            note = f"{word.weight:+.2f} surprise" + (", in no usual passage" if word.unknown else "")
            marked = escape(text[start:end])
            parts.append(escape(text[at:start]))
            parts.append(f'<mark style="background:rgba(217,72,15,{strength:.2f})" title="{note}">{marked}</mark>')
            at = end
    return f'<p class="hit-text">{"".join(parts)}{escape(text[at:])}</p>'


def plain_html(text: str) -> str:
    """A passage, shortened."""
    shown = text if len(text) <= _CLIPPED else f"{text[:_CLIPPED].rsplit(' ', 1)[0]} …"
    return f'<p class="hit-text">{escape(shown)}</p>'


def traits_html(traits: Sequence[TraitAnswer]) -> str:
    """What stands out in how it is written."""
    lines = [
        f"<li>{escape(TRAITS.get(trait.name, trait.name))}: {_amount(trait.name, trait.value)}, usually "
        f"{_amount(trait.name, trait.low)} to {_amount(trait.name, trait.high)}</li>"
        for trait in traits
    ]
    return f'<ul class="summary">{"".join(lines)}</ul>' if lines else ""


def _amount(name: str, value: float) -> str:
    """A number as people count it: lengths are kept as logarithms, most others are shares."""
    if name in LENGTHS:
        return f"{expm1(value):,.0f}"
    if name == "word_length":
        return f"{value:.1f}"
    return f"{value:.0%}" if value <= 1 else f"{value:.1f} for each word"


def nearest_html(nearest: Sequence[NearTextAnswer]) -> str:
    """The nearest usual passages."""
    return "".join(
        f'<p class="hit-meta" style="margin-bottom:0">{escape(near.title or near.document_id)} · '
        f'distance {near.distance:.2f}</p><p class="hit-text clipped">{escape(near.text)}</p>'
        for near in nearest
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
