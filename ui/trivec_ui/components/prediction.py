"""What a classifier says of a text: the path, how sure it is in words, the tree of chances, labelled examples like it.

Answers of the API in, HTML out; everything that comes from documents is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import shorten

from trivec.api.learning_schemas import ChanceAnswer, ClassifiedAnswer, SimilarExampleAnswer

NONE_OF_THESE = "None of these"
_SHOWN = 260  # characters of an example's passage
_FOLDED = 0.005  # what is less likely, and not on the path, is shown without what lies below it


def verdict_html(said: ClassifiedAnswer) -> str:
    """The path large, and below it how sure that is."""
    path = path_html(said.labels) if said.labels else NONE_OF_THESE
    kind = "verdict" if said.labels else "verdict none"
    return f'<div class="{kind}"><p class="verdict-path">{path}</p><p class="verdict-why">{escape(why(said))}</p></div>'


def why(said: ClassifiedAnswer) -> str:
    """How sure it is, in a sentence."""
    if not said.labels:
        nearest = said.levels[0][0].label if said.levels and said.levels[0] else ""
        return f"No label is likely enough. The likeliest is {nearest}, {share(said.confidence)}."
    below = _below(said)
    if below is None:
        return f"{share(said.confidence)} sure."
    return (
        f"{share(said.confidence)} sure of {said.labels[-1]}, not of what lies below it: "
        f"the likeliest there is {below.label}, {share(below.probability)}, which is not enough."
    )


def share(probability: float) -> str:
    """A probability in per cent; what is not quite sure never looks as if it were.

    >>> share(0.914), share(0.9991), share(0.0004)
    ('91%', '>99%', '<1%')
    """
    if 0.995 <= probability < 1:
        return ">99%"
    return "<1%" if 0 < probability < 0.005 else f"{probability:.0%}"


def path_html(labels: Sequence[str], *, agreeing: Sequence[str] = ()) -> str:
    """A path of labels, root first; those it shares with another path from the root on are marked."""
    shared = 0
    while shared < min(len(labels), len(agreeing)) and labels[shared] == agreeing[shared]:
        shared += 1
    pieces = [f"<b>{escape(label)}</b>" if at < shared else escape(label) for at, label in enumerate(labels)]
    return '<span class="under"> › </span>'.join(pieces)


def tree_html(said: ClassifiedAnswer) -> str:
    """The likeliest labels of each level as a tree, each with a bar as long as it is likely; the path stands out."""
    return _branches_html(_grow(said.levels), said.labels)


def examples_html(examples: Sequence[SimilarExampleAnswer], *, path: Sequence[str]) -> str:
    """Labelled documents, the most alike first; labels that agree with the path are marked."""
    return "".join(_example_html(example, path) for example in examples)


@dataclass
class _Branch:
    """A label in the tree, with the shown ones below it."""

    name: str
    chance: ChanceAnswer
    children: "list[_Branch]" = field(default_factory=list)


def _grow(levels: Sequence[Sequence[ChanceAnswer]]) -> list[_Branch]:
    """The tree; what lies below a label too unlikely to be shown stands at the top under its whole path."""
    top: list[_Branch] = []
    shown: dict[tuple[str, ...], _Branch] = {}
    for chance in (chance for level in levels for chance in level):
        parent = shown.get(tuple(chance.path[:-1]))
        branch = _Branch(chance.label if parent else " › ".join(chance.path), chance)
        (parent.children if parent else top).append(branch)
        shown[tuple(chance.path)] = branch
    return top


def _branches_html(branches: Sequence[_Branch], path: Sequence[str]) -> str:
    return f'<ul class="tree">{"".join(_branch_html(branch, path) for branch in branches)}</ul>' if branches else ""


def _branch_html(branch: _Branch, path: Sequence[str]) -> str:
    chance = branch.chance
    chosen = chance.path == list(path[: len(chance.path)])
    below = _branches_html(branch.children, path) if chosen or chance.probability >= _FOLDED else ""
    return (
        f'<li class="{"chosen" if chosen else "other"}"><div class="chance">'
        f'<span class="chance-label">{escape(branch.name)}</span>'
        f'<span class="chance-bar"><span style="width:{100 * chance.probability:.1f}%"></span></span>'
        f'<span class="chance-share">{share(chance.probability)}</span></div>{below}</li>'
    )


def _below(said: ClassifiedAnswer) -> ChanceAnswer | None:
    """The likeliest label below the end of the path; None where nothing lies below it."""
    depth = len(said.labels)
    level = said.levels[depth] if depth < len(said.levels) else []
    return next((chance for chance in level if chance.path[:-1] == said.labels), None)


def _example_html(example: SimilarExampleAnswer, path: Sequence[str]) -> str:
    text = shorten(example.passage, _SHOWN, placeholder=" …")
    return (
        f'<div class="example"><p class="example-labels">{path_html(example.labels, agreeing=path)}</p>'
        f'<p class="example-text">{escape(text)}</p>'
        f'<p class="hit-meta">{escape(example.title or example.document_id)} · '
        f'<span title="cosine of the sentence vectors">alike {example.score:.2f}</span></p></div>'
    )
