from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

class KeyedVectors:
    index_to_key: list[str]
    key_to_index: dict[str, int]
    vectors: NDArray[np.float32]
    def __init__(self, vector_size: int, count: int = ...) -> None: ...
    def add_vectors(self, keys: Sequence[str], weights: NDArray[np.float32]) -> None: ...
    def save(self, fname: str) -> None: ...
    def save_word2vec_format(self, fname: str, *, binary: bool = ..., write_header: bool = ...) -> None: ...
    @classmethod
    def load(cls, fname: str) -> KeyedVectors: ...
    @classmethod
    def load_word2vec_format(cls, fname: str, *, binary: bool = ..., unicode_errors: str = ...) -> KeyedVectors: ...

class Word2Vec:
    wv: KeyedVectors
    corpus_count: int
    corpus_total_words: int
    def __init__(
        self,
        *,
        vector_size: int = ...,
        window: int = ...,
        min_count: int = ...,
        sg: int = ...,
        hs: int = ...,
        negative: int = ...,
        sample: float = ...,
        workers: int = ...,
        seed: int = ...,
        alpha: float = ...,
    ) -> None: ...
    def build_vocab(self, *, corpus_file: str) -> None: ...
    def train(
        self,
        *,
        corpus_file: str,
        total_words: int,
        total_examples: int,
        epochs: int,
        callbacks: Sequence[object] = ...,
    ) -> tuple[int, int]: ...
