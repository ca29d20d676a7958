from typing import Literal

from numpy import float32
from numpy.typing import NDArray

class UMAP:
    def __init__(
        self,
        *,
        n_neighbors: int = ...,
        min_dist: float = ...,
        n_epochs: int | None = ...,
        init: Literal["pca", "spectral", "random"] = ...,
        metric: str = ...,
        random_state: int | None = ...,
        n_jobs: int = ...,
        low_memory: bool = ...,
    ) -> None: ...
    def fit_transform(self, X: NDArray[float32]) -> NDArray[float32]: ...
