from collections.abc import Iterable

from scipy.sparse import csr_matrix

class TfidfVectorizer:
    def __init__(
        self,
        *,
        ngram_range: tuple[int, int] = ...,
        sublinear_tf: bool = ...,
        min_df: int = ...,
        token_pattern: str = ...,
    ) -> None: ...
    def fit_transform(self, raw_documents: Iterable[str]) -> csr_matrix: ...
    def transform(self, raw_documents: Iterable[str]) -> csr_matrix: ...
