"""What every learner promises, and what this one is for: odd texts of several kinds are found, at an honest rate."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.core.learning.anomalies.small_corpus import spam, strangers, texts, vectors
from trivec.errors import BadInput, Broken, Cancelled
from trivec.learning import anomalies
from trivec.learning.anomalies import AnomalyModel, AnomalyOptions, Marks, Texts
from trivec.learning.anomalies.detectors import CATALOGUE, NEEDS_TORCH, fit_detector
from trivec.learning.anomalies.reasons import odd_words
from trivec.metrics.detection import auroc

COUNT = 900


def learn(batch: Texts, **options: str | int | bool) -> AnomalyModel:
    chosen = replace(AnomalyOptions(), **options)  # type: ignore[arg-type]
    return anomalies.train([str(row) for row in range(len(batch))], batch, options=chosen)


@pytest.fixture(scope="module")
def model() -> AnomalyModel:
    return learn(texts(COUNT, seed=1))


@pytest.mark.parametrize("odd", [spam(60, seed=3), strangers(60, seed=3)], ids=["form", "meaning"])
def test_texts_odd_in_one_way_only_are_found(model: AnomalyModel, odd: Texts) -> None:
    usual = texts(300, seed=2)
    scores = np.concatenate([model.judge(usual).scores, model.judge(odd).scores])
    assert auroc(scores, np.arange(len(scores)) >= len(usual)) > 0.95


def test_five_per_cent_of_usual_texts_are_below_five_per_cent(model: AnomalyModel) -> None:
    judged = model.judge(texts(4000, seed=4))
    assert 0.03 < (judged.p_values <= 0.05).mean() < 0.07
    assert set(judged.views) == {"bert", "words", "form", "spelling"}


def test_views_tell_which_way_a_text_is_odd(model: AnomalyModel) -> None:
    assert np.median(model.judge(spam(40, seed=5)).views["form"]) < 0.01
    assert np.median(model.judge(strangers(40, seed=5)).views["form"]) > 0.05
    assert np.median(model.judge(strangers(40, seed=5)).views["bert"]) < 0.02


def test_a_saved_model_scores_as_before(model: AnomalyModel, tmp_path: Path) -> None:
    anomalies.save(model, tmp_path)
    batch = texts(50, seed=6)
    np.testing.assert_array_equal(anomalies.load(tmp_path).judge(batch).scores, model.judge(batch).scores)
    assert not [path for path in tmp_path.iterdir() if path.suffix not in (".json", ".safetensors")]
    (tmp_path / "anomalies.json").unlink()
    with pytest.raises(Broken, match="no anomaly model"):
        anomalies.load(tmp_path)


def test_a_seed_gives_the_same_model_and_leaves_its_input_alone(model: AnomalyModel) -> None:
    batch = texts(COUNT, seed=1)
    before = batch.vectors["bert"].copy()
    again = learn(batch)
    odd = spam(20, seed=7)
    np.testing.assert_array_equal(again.judge(odd).scores, model.judge(odd).scores)
    np.testing.assert_array_equal(batch.vectors["bert"], before)


def test_anomalies_among_what_is_learned_do_not_shelter_others(model: AnomalyModel) -> None:
    normal, odd = texts(COUNT, seed=1), spam(8, seed=8)
    mixed = Texts([*normal.texts, *odd.texts], {"bert": np.concatenate([normal.vectors["bert"], odd.vectors["bert"]])})
    later = spam(20, seed=9)
    assert (learn(mixed).judge(later).p_values <= 0.02).all()
    assert model.metrics["trimmed_texts"] <= 2


def test_a_bounded_reference_is_drawn_from_all(model: AnomalyModel) -> None:
    small = learn(texts(COUNT, seed=1), reference=200)
    assert len(small.ids) == 200 - int(small.metrics["trimmed_texts"])
    assert max(map(int, small.ids)) > 600
    assert np.median(small.judge(spam(20, seed=3)).p_values) < 0.01


def test_what_is_marked_changes_the_score_of_texts_like_it_and_keeps_the_rate(model: AnomalyModel) -> None:
    odd, usual = strangers(10, seed=10), texts(2000, seed=11)
    fine = model.with_marks(Marks(fine=odd.vectors["bert"]))
    assert (fine.judge(odd).p_values > 0.5).all()
    marked = texts(3, seed=12)
    flagged = model.with_marks(Marks(odd=marked.vectors["bert"]))
    assert (flagged.judge(marked).p_values < 0.01).all()
    for each in (fine, flagged):
        assert 0.03 < (each.judge(usual).p_values <= 0.05).mean() < 0.07


def test_reasons_name_the_words_and_the_form(model: AnomalyModel) -> None:
    text = "The loan and the xylophone of 09061701461!!!"
    odd = odd_words(model, text, encode=lambda parts: vectors(["bank"] * len(parts), seed=1))
    assert {"xylophone", "09061701461"} & {each.word for each in odd[:3]}
    assert all(each.unknown for each in odd if each.word == "xylophone")
    assert all(text[span.start : span.end].lower() == each.word.lower() for each in odd for span in each.spans)
    assert {trait.name for trait in model.form.traits(text)} & {"exclamation", "digits", "longest_number"}
    near = model.nearest(vectors(["bank"], seed=1), count=3)
    assert near.rows.shape == (1, 3)
    assert odd_words(model, "loan", encode=lambda parts: vectors(["bank"] * len(parts), seed=1)) == ()


def test_a_text_that_was_learned_from_is_judged_without_itself(model: AnomalyModel) -> None:
    normal = texts(COUNT, seed=1)
    rows = np.array([int(each) for each in model.ids])
    own = normal.some(rows)
    known = model.known(list(model.ids), own.vectors["bert"])
    np.testing.assert_array_equal(known, np.arange(len(rows)))
    assert (model.judge(own).p_values <= 0.05).mean() < 0.02, "beside itself nothing is odd"
    alone = model.judge(own, known=known)
    assert 0.04 < (alone.p_values <= 0.05).mean() < 0.06
    for row in (3, 40, 500):
        family = model.family(row)
        assert row in family
        judged = model.without(family, [own.texts[each] for each in family]).judge(own.some(np.array([row])))
        assert judged.scores[0] == pytest.approx(alone.scores[row], abs=0.35)
    changed = own.vectors["bert"][::-1]
    assert (model.known(["new", model.ids[1]], changed[:2]) == -1).all()


def test_a_model_without_a_text_knows_nothing_of_it() -> None:
    normal = texts(COUNT, seed=1)
    rare = Texts(
        [*normal.texts, "A zeppelin in the barn."],
        {"bert": np.vstack([normal.vectors["bert"], spam(1, seed=1).vectors["bert"]])},
    )
    model = learn(rare, trim=False)
    less = model.without(np.array([COUNT]), ["A zeppelin in the barn."])
    assert model.words.knows("zeppelin")
    assert not less.words.knows("zeppelin")
    assert less.words.knows("barn")
    bare = learn(normal, trim=False)
    for name in ("joint", "context", "distinct"):
        np.testing.assert_array_equal(getattr(less.spelling, name), getattr(bare.spelling, name))
    strange = bare.spelling.without(["Zyzzyva quokkas vex dwarves."])
    assert (strange.joint <= bare.spelling.joint).all(), "what was never counted takes nothing away"
    assert (strange.distinct <= bare.spelling.distinct).all()


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - NEEDS_TORCH))
def test_every_detector_finds_what_lies_elsewhere(name: str) -> None:
    rows, odd = texts(300, seed=1).vectors["bert"], strangers(40, seed=2).vectors["bert"]
    detector = fit_detector(name, rows, neighbours=10, seed=1)
    usual = texts(200, seed=3).vectors["bert"]
    scores = np.concatenate([detector.score(usual), detector.score(odd)])
    assert auroc(scores, np.arange(240) >= 200) > 0.6
    assert detector.held_out.shape == (300,)


def test_what_cannot_be_learned_or_judged_is_said(model: AnomalyModel) -> None:
    few = texts(20, seed=1)
    with pytest.raises(BadInput, match="20 texts are too few"):
        learn(few)
    with pytest.raises(BadInput, match="no vector 'fused'"):
        learn(texts(100, seed=1), vector="fused")
    with pytest.raises(BadInput, match="detector 'crystal ball'"):
        learn(texts(100, seed=1), detector="crystal ball")
    with pytest.raises(BadInput, match="'bert' is needed"):
        model.judge(Texts(few.texts))
    with pytest.raises(BadInput, match="are needed"):
        model.judge(Texts(few.texts, {"bert": np.zeros((20, 3), np.float32)}))
    assert len(model.judge(Texts([])).scores) == 0


def test_learning_stops_when_asked() -> None:
    def stop(doing: str, share: float) -> None:
        raise Cancelled(f"{doing} {share}")

    with pytest.raises(Cancelled):
        anomalies.train([str(row) for row in range(100)], texts(100, seed=1), progress=stop)
