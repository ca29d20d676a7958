from typing import Any, Self

from numpy.typing import NDArray

class BaseDetector:
    decision_scores_: NDArray[Any]
    def fit(self, X: NDArray[Any], y: None = ...) -> Self: ...
    def decision_function(self, X: NDArray[Any]) -> NDArray[Any]: ...
