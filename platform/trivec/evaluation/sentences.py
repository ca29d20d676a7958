"""The sentence encoder of a corpus, without a corpus: plain texts in, unit vectors as `bert` would store them out."""

from collections.abc import Callable, Sequence
from pathlib import Path

from trivec.encoders import catalog
from trivec.encoders.defaults import default_specs
from trivec.errors import NotFound
from trivec.records import AnalysedText, DenseVectors
from trivec.services.container import Container


def sentence_encoder(container: Container) -> Callable[[Sequence[str]], DenseVectors]:
    """The `bert` that the container's settings ask for; of a long text it reads as much as the model can."""
    settings = container.settings
    key = settings.embeddings_key.get_secret_value() if settings.embeddings_key else ""
    specs = default_specs(
        cache=settings.home / "cache",
        bert_model=settings.bert_model,
        bert_backend=settings.bert_backend,
        bert_precision=settings.bert_precision,
        bert_dimension=settings.embeddings_dimension if settings.bert_backend == "remote" else 0,
        embeddings_url=settings.embeddings_url,
        embeddings_key=key,
        glove_path=settings.glove_path,
    )
    bert = [spec for spec in specs if spec.name == "bert"]
    encoders = catalog.build(bert, artefacts=_none, cache=settings.home / "cache", threads=settings.threads, key=key)

    def encode(texts: Sequence[str]) -> DenseVectors:
        found = encoders.encode_documents([AnalysedText(text, (), ()) for text in texts])["bert"]
        if isinstance(found, DenseVectors):
            return found
        raise TypeError("bert is a dense vector")

    return encode


def _none(reference: str) -> Path:
    raise NotFound(f"sentence vectors need no trained model, but {reference!r} was asked for")
