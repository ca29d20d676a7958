"""A classifier's answer as HTML: the path in words, the tree of chances, examples; text stays text."""

import re
from typing import Any

from trivec.api.learning_schemas import ClassifiedAnswer, SimilarExampleAnswer
from trivec_ui.components.prediction import examples_html, share, tree_html, verdict_html, why

Chance = tuple[str, float]  # path, and how likely


def answer(labels: list[str], confidence: float, *levels: list[Chance]) -> ClassifiedAnswer:
    fields: dict[str, Any] = {"model": "desk.taxonomy:1", "labels": labels, "confidence": confidence}
    chances = [[chance(path.split("/"), probability) for path, probability in level] for level in levels]
    return ClassifiedAnswer.model_validate({**fields, "levels": chances, "similar": [], "took_ms": 1.0})


def chance(path: list[str], probability: float) -> dict[str, Any]:
    return {"label": path[-1], "probability": probability, "parent": "".join(path[-2:-1]), "path": path}


TOP: list[Chance] = [("sports", 0.8), ("money", 0.2)]
BELOW: list[Chance] = [("sports/court", 0.5), ("sports/football", 0.3), ("money/court", 0.15)]
WHOLE = answer(["sports", "court"], 0.5, TOP, BELOW)


def rows(html: str) -> list[tuple[int, str, str]]:
    """Depth, label and share of each row, from top to bottom."""
    found, depth = [], 0
    for piece in re.findall(r'<ul|</ul|chance-label">[^<]*|chance-share">[^/]*(?=</span)', html):
        depth += {"<ul": 1, "</ul": -1}.get(piece, 0)
        if "label" in piece:
            found.append((depth, piece.partition(">")[2]))
    shares = re.findall(r'chance-share">(.*?)</span>', html)
    return [(depth, label, said) for (depth, label), said in zip(found, shares, strict=True)]


def test_the_tree_puts_each_label_below_its_parent() -> None:
    assert rows(tree_html(WHOLE)) == [
        (1, "sports", "80%"),
        (2, "court", "50%"),
        (2, "football", "30%"),
        (1, "money", "20%"),
        (2, "court", "15%"),
    ]


def test_only_the_path_stands_out_though_a_label_occurs_twice() -> None:
    html = tree_html(WHOLE)
    assert re.findall(r'class="(chosen|other)"', html) == ["chosen", "chosen", "other", "other", "other"]


def test_a_label_goes_below_its_own_parent_though_another_has_the_same_name() -> None:
    low: list[Chance] = [("money/court/verdict", 0.1), ("sports/court/umpire", 0.1)]
    assert [(depth, label) for depth, label, _ in rows(tree_html(answer([], 0.8, TOP, BELOW, low)))] == [
        (1, "sports"),
        (2, "court"),
        (3, "umpire"),
        (2, "football"),
        (1, "money"),
        (2, "court"),
        (3, "verdict"),
    ]


def test_what_lies_below_a_label_that_is_not_shown_stands_at_the_top_with_its_name() -> None:
    html = tree_html(answer(["sports"], 0.8, TOP, [("weather/rain", 0.1)]))
    assert rows(html)[-1] == (1, "weather › rain", "10%")


def test_below_what_is_hardly_likely_nothing_is_shown_unless_it_is_the_path() -> None:
    top: list[Chance] = [("a", 0.999), ("b", 0.001)]
    low: list[Chance] = [("a/c", 0.999), ("b/d", 0.001)]
    assert [label for _, label, _ in rows(tree_html(answer(["a", "c"], 0.999, top, low)))] == ["a", "c", "b"]


def test_a_whole_path_a_partial_one_and_none_are_said_in_words() -> None:
    assert why(WHOLE) == "50% sure."
    assert why(answer(["sports"], 0.8, TOP, BELOW)) == (
        "80% sure of sports, not of what lies below it: the likeliest there is court, 50%, which is not enough."
    )
    nothing = answer([], 0.31, [("sports", 0.31), ("money", 0.3)], [])
    assert why(nothing) == "No label is likely enough. The likeliest is sports, 31%."
    assert "None of these" in verdict_html(nothing)


def test_a_path_that_ends_above_the_lowest_level_is_whole_where_nothing_lies_below() -> None:
    assert why(answer(["money"], 0.7, [("money", 0.7)], [("sports/court", 0.2)])) == "70% sure."


def test_what_is_not_quite_sure_never_looks_as_if_it_were() -> None:
    assert [share(value) for value in (1.0, 0.9999, 0.994, 0.004, 0.0)] == ["100%", ">99%", "99%", "<1%", "0%"]


def test_examples_mark_the_labels_that_agree_from_the_root_on() -> None:
    example = SimilarExampleAnswer(
        document_id="<7>", title="", passage="word " * 100, labels=["sports", "money & court"], score=0.5
    )
    html = examples_html([example], path=["sports", "court"])
    assert "<b>sports</b>" in html
    assert "money &amp; court" in html
    assert "<b>money" not in html
    assert "&lt;7&gt;" in html
    assert len(html) < 500


def test_markup_in_a_label_stays_text() -> None:
    said = answer(["<b>x"], 0.9, [("<b>x", 0.9)])
    assert "<b>x" not in tree_html(said) + verdict_html(said)
