from collections.abc import Mapping

from numpy import float64
from numpy.typing import NDArray

class ThetaModelResults:
    params: Mapping[str, float]
    def forecast(self, steps: int) -> NDArray[float64]: ...

class ThetaModel:
    def __init__(self, endog: NDArray[float64], *, period: int, deseasonalize: bool) -> None: ...
    def fit(self, *, disp: bool) -> ThetaModelResults: ...
