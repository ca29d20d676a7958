"""What cells are about, in words."""

import numpy as np

from trivec.learning.som import Grid, WordCounts, nearest_documents
from trivec.text.analyser import Analyser

GRID = Grid(1, 3)


def labelled(documents: list[tuple[int, str]]) -> list[tuple[str, ...]]:
    counts = WordCounts()
    for cell, text in documents:
        counts.add(cell, text.split())
    return counts.labels(GRID)


def test_a_cell_is_named_by_what_is_frequent_in_it_and_rare_elsewhere() -> None:
    left, middle, right = labelled(
        [
            (0, "river flood water nation"),
            (0, "river bank nation"),
            (1, "tax levy nation"),
            (1, "tax duty nation"),
            (2, "ship navy nation"),
            (2, "navy fleet nation"),
        ]
    )
    assert left[0] == "river"
    assert middle[0] == "tax"
    assert right[0] == "navy"
    assert left.index("river") < left.index("nation")


def test_a_word_of_a_single_document_names_nothing() -> None:
    assert all("flood" not in words for words in labelled([(0, "flood"), (0, "tax"), (1, "tax")]))


def test_one_document_that_repeats_itself_does_not_name_its_cell() -> None:
    words = labelled([(0, "zeal zeal zeal zeal"), (0, "navy"), (0, "navy"), (1, "zeal")])[0]
    assert words[0] == "navy"


def test_cells_of_any_script_have_names() -> None:
    analyser, counts = Analyser(), WordCounts()
    documents = ["经济增长放缓。", "世界经济论坛", "Армия и флот в море", "Флот на море", "한국 경제 성장", "경제 위기"]
    for number, text in enumerate(documents):
        counts.add(number // 2, analyser.words(text).tokens)
    chinese, russian, korean = counts.labels(GRID)
    assert chinese[0] == "经济"
    assert russian[0] in ("флот", "море")
    assert korean[0] == "경제"
    assert not {"и", "в", "на"} & set(russian)


def test_short_words_and_numbers_of_alphabets_name_nothing() -> None:
    assert labelled([(0, "go to it 12 1234 navy"), (0, "go to it 12 1234 navy")])[0] == ("navy",)


def test_a_map_without_words_has_no_names() -> None:
    assert labelled([]) == [(), (), ()]


def test_the_nearest_document_stands_for_a_cell() -> None:
    found = nearest_documents(np.array([0, 0, 2]), [0.4, 0.2, 0.1], ["a", "b", "c"], count=3)
    assert found == ["b", "", "c"]
