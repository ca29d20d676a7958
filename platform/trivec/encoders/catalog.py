"""The catalogue of encoders: specs in, working encoders out. Nobody else compares family names."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import orjson

from trivec.encoders import bert, fused, glove, torch_bert, trained_fusion, word2vec
from trivec.encoders.base import Encoder, EncoderSpec, Fusion
from trivec.encoders.remote import Remote
from trivec.encoders.sparse import Sparse
from trivec.encoders.words import WordWeights
from trivec.errors import BadInput, Conflict
from trivec.records import AnalysedText, TextVectors

FAMILIES = ("word2vec", "glove", "onnx", "torch", "remote", "sparse", "concat", "fusion")
_FUSIONS = ("concat", "fusion")
_KEPT = 24  # encoders in memory per process: those of a few generations


@dataclass(frozen=True)
class EncoderSet:
    """The encoders of a generation. Safe to use from several threads.

    Attributes:
        encoders: by name, those that read texts.
        fusions: by name, those that read the vectors of others.
    """

    specs: tuple[EncoderSpec, ...]
    encoders: Mapping[str, Encoder]
    fusions: Mapping[str, Fusion]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all vectors, in the order of the specs."""
        return tuple(spec.name for spec in self.specs)

    def encode_documents(
        self, texts: Sequence[AnalysedText], names: Iterable[str] | None = None
    ) -> dict[str, TextVectors]:
        """Vectors of document texts by name, for all encoders or those named.

        Raises:
            BadInput: a name that this generation does not have.
        """
        return self._encode(texts, names, lambda encoder: encoder.encode_documents(texts), question=False)

    def encode_queries(
        self, texts: Sequence[AnalysedText], names: Iterable[str] | None = None
    ) -> dict[str, TextVectors]:
        """Vectors of questions by name, for all encoders or those named."""
        return self._encode(texts, names, lambda encoder: encoder.encode_queries(texts), question=True)

    def _encode(
        self,
        texts: Sequence[AnalysedText],
        names: Iterable[str] | None,
        encode: Callable[[Encoder], TextVectors],
        *,
        question: bool,
    ) -> dict[str, TextVectors]:
        wanted = self.names if names is None else tuple(names)
        parts = {name: encode(self.encoders[name]) for name in self._needed(wanted)}
        fusions = {name: self.fusions[name] for name in wanted if name in self.fusions}
        made = {name: fusion.fuse(texts, parts, question=question) for name, fusion in fusions.items()}
        return {name: made[name] if name in made else parts[name] for name in wanted}

    def _needed(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The encoders behind these names, parts of fusions included, each once."""
        if unknown := [name for name in wanted if name not in self.names]:
            raise BadInput(f"there is no vector {unknown[0]!r} here; choose from {', '.join(self.names)}")
        parts = (self.fusions[name].spec.parts if name in self.fusions else (name,) for name in wanted)
        return tuple(dict.fromkeys(part for group in parts for part in group))


def build(
    specs: Sequence[EncoderSpec],
    *,
    artefacts: Callable[[str], Path],
    cache: Path,
    threads: int = 0,
    key: str = "",
) -> EncoderSet:
    """Build the encoders that the specs describe; one that this process has built before is used again.

    Args:
        specs: of a generation; parts of a fusion must be among them.
        artefacts: turns a registry reference (`name:version`) into a local folder.
        cache: folder for converted tables and exported models, shared by all processes of the machine.
        threads: of each encoder; 0 means all cores.
        key: of a remote endpoint; "" looks into the environment.

    Raises:
        BadInput: an unknown family, or a fusion without its parts.
        Conflict: two specs of one name.
    """
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise Conflict(f"two encoders have the same name: {', '.join(sorted(names))}")
    for spec in specs:
        _check(spec, names)
    encoders = {
        spec.name: _built(spec, _source(spec, artefacts), _weights(spec, artefacts), cache, threads, key)
        for spec in specs
        if spec.family not in _FUSIONS
    }
    fusions = {spec.name: _fusion(spec, artefacts, threads) for spec in specs if spec.family in _FUSIONS}
    return EncoderSet(tuple(specs), encoders, fusions)


def forget() -> None:
    """Let go of the encoders that this process keeps."""
    with _building:
        _build.cache_clear()
        _trained.cache_clear()


def _check(spec: EncoderSpec, names: Sequence[str]) -> None:
    if spec.family not in FAMILIES:
        raise BadInput(f"encoder {spec.name!r}: no family {spec.family!r}; choose one of {', '.join(FAMILIES)}")
    if missing := [part for part in spec.parts if part not in names]:
        raise BadInput(f"encoder {spec.name!r} needs {missing[0]!r}, which is not among {', '.join(names)}")


def _fusion(spec: EncoderSpec, artefacts: Callable[[str], Path], threads: int) -> Fusion:
    if spec.family == "concat":
        return fused.Concatenation(spec)
    folder = Path(spec.model) if Path(spec.model).exists() else artefacts(spec.model)
    with _building:
        return _trained(_described(spec), folder, threads)


@lru_cache(maxsize=_KEPT)
def _trained(described: bytes, folder: Path, threads: int) -> Fusion:
    return trained_fusion.load(EncoderSpec.from_dict(orjson.loads(described)), folder=folder, threads=threads)


def _source(spec: EncoderSpec, artefacts: Callable[[str], Path]) -> Path | None:
    """The folder or file behind a Word2Vec model: a path on this machine, else a registry reference."""
    if spec.family != "word2vec":
        return None
    return Path(spec.model) if Path(spec.model).exists() else artefacts(spec.model)


def _weights(spec: EncoderSpec, artefacts: Callable[[str], Path]) -> Path | None:
    return artefacts(spec.weights) if spec.weights else None


_building = Lock()


def _built(
    spec: EncoderSpec, source: Path | None, weights: Path | None, cache: Path, threads: int, key: str
) -> Encoder:
    with _building:
        return _build(_described(spec), source, weights, cache, threads, key)


def _described(spec: EncoderSpec) -> bytes:
    """The spec as a key to keep things by."""
    return orjson.dumps(spec.as_dict(), option=orjson.OPT_SORT_KEYS)


@lru_cache(maxsize=_KEPT)
def _build(described: bytes, source: Path | None, weights: Path | None, cache: Path, threads: int, key: str) -> Encoder:
    spec = EncoderSpec.from_dict(orjson.loads(described))
    known = _loaded_weights(weights) if weights else None
    if spec.family == "word2vec" and source:
        return word2vec.load(spec, source=source, weights=known, cache=cache)
    if spec.family == "glove":
        return glove.load(spec, weights=known, cache=cache)
    if spec.family == "onnx":
        return bert.load(spec, cache=cache, threads=threads)
    if spec.family == "torch":
        return torch_bert.load(spec, threads=threads)
    if spec.family == "remote":
        return Remote(spec, key)
    return Sparse(spec)


@lru_cache(maxsize=4)
def _loaded_weights(folder: Path) -> WordWeights:
    return WordWeights.load(folder)
