"""A hit as HTML: what comes from documents stays text, and marks stand where the words are."""

from trivec.api.schemas import FacetAnswer, HitAnswer, SourceAnswer, SpanAnswer
from trivec_ui.components.hit import facets_html, hit_html, marked
from trivec_ui.components.results import hits_csv

HIT = HitAnswer.model_validate(
    {
        "document_id": "a<b>",
        "score": 0.5,
        "title": "",
        "passage": "<script>alert(1)</script> iron ships",
        "passage_number": 0,
        "start": 0,
        "end": 36,
        "highlights": [{"start": 31, "end": 36}],
        "sources": {"bert": {"rank": 2, "score": 0.4}, "bm25": {"rank": 1, "score": 9.0}},
        "explanation": {"sources": [{"source": "bm25", "contribution": 0.5}], "words": []},
        "date": None,
        "labels": ["war & peace"],
        "source": "x.csv",
        "language": "en",
        "metadata": {},
    }
)


def test_markup_in_a_document_stays_text() -> None:
    html = hit_html(HIT)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "a&lt;b&gt;" in html
    assert "war &amp; peace" in html


def test_marks_stand_around_the_words_that_match() -> None:
    assert marked("iron ships sail", [SpanAnswer(start=0, end=4), SpanAnswer(start=5, end=10)]) == (
        "<mark>iron</mark> <mark>ships</mark> sail"
    )
    assert marked("plain", []) == "plain"


def test_sources_stand_in_order_of_rank() -> None:
    html = hit_html(HIT)
    assert html.index("<b>bm25</b>") < html.index("<b>bert</b>")


def test_a_hit_without_reasons_shows_none() -> None:
    assert "shares" in hit_html(HIT)
    assert "shares" not in hit_html(HIT.model_copy(update={"explanation": None}))


def test_facets_with_one_value_are_left_out() -> None:
    counts = {"source": [FacetAnswer(value="x", count=3)], "labels": [FacetAnswer(value=v, count=1) for v in "ab"]}
    assert facets_html(counts) == '<p class="facets">Labels: a <b>1</b> · b <b>1</b></p>'


def test_a_table_of_hits_has_a_column_per_source() -> None:
    other = HIT.model_copy(update={"document_id": "c", "sources": {"glove": SourceAnswer(rank=1, score=0.9)}})
    header, first, second = hits_csv([HIT, other]).decode().splitlines()
    assert "bm25_rank" in header
    assert "glove_score" in header
    assert first.startswith("a<b>,0.5")
    assert second.startswith("c,0.5")
