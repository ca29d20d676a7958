"""Languages: told when clear, "" otherwise."""

import pytest

from trivec.text.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The quick brown fox jumps over the lazy dog.", "en"),
        ("heat transfer in a boundary layer", "en"),
        ("Die Regierung hat beschlossen, die Steuern zu senken.", "de"),
        ("El gobierno ha decidido subir los impuestos", "es"),
        ("Le chat est sur la table", "fr"),
        ("これは日本語のテキストです", "ja"),
        ("Правительство решило снизить налоги в этом году", "ru"),
        ("IL-2 p53", ""),
        ("12345 67", ""),
        ("ok", ""),
        ("", ""),
    ],
)
def test_detection(text: str, language: str) -> None:
    assert detect(text) == language
