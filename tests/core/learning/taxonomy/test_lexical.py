"""The words as they stand, stop words and neighbours included."""

from pathlib import Path

import numpy as np
import pytest

from trivec.errors import Broken
from trivec.learning.taxonomy import lexical

TEXTS = ["Who is the king?", "Who was the queen?", "What is the time?"]


def test_little_words_their_order_and_the_beginning_count() -> None:
    features = set(lexical.fit(TEXTS, most=1000).features)
    assert {"who", "is", "the", "?", "⊢ who", "is the"} <= features
    assert "king" not in features  # in one text only


def test_what_is_kept_is_the_most_frequent() -> None:
    assert set(lexical.fit(TEXTS, most=3).features) <= {"the", "?", "#⟨th", "#the", "#he⟩", "#⟨the", "#the⟩", "#⟨the⟩"}


def test_words_and_pieces_each_have_unit_length_and_unknown_words_none() -> None:
    known = lexical.fit(TEXTS, most=1000)
    rows = known.encode([*TEXTS, "xylophone", ""]).toarray()
    words = np.array([not feature.startswith("#") for feature in known.features])
    assert np.linalg.norm(rows[:3, words], axis=1) == pytest.approx(1)
    assert np.linalg.norm(rows[:3, ~words], axis=1) == pytest.approx(1)
    assert not rows[3:].any()


def test_a_text_has_the_same_row_alone_and_among_others_and_after_saving(tmp_path: Path) -> None:
    known = lexical.fit(TEXTS, most=1000)
    known.save(tmp_path)
    alone = lexical.Lexical.load(tmp_path).encode([TEXTS[1]]).toarray()
    assert (alone[0] == known.encode(TEXTS).toarray()[1]).all()
    (tmp_path / "features.json").unlink()
    with pytest.raises(Broken, match="no lexical features"):
        lexical.Lexical.load(tmp_path)
