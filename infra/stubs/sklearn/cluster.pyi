from typing import Any

from numpy.typing import NDArray

class MiniBatchKMeans:
    def __init__(self, n_clusters: int = ..., *, random_state: int = ..., n_init: int = ...) -> None: ...
    def fit_predict(self, X: NDArray[Any]) -> NDArray[Any]: ...
