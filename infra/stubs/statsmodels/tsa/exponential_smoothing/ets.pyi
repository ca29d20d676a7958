from numpy import float64
from numpy.typing import NDArray

class ETSResults:
    smoothing_level: float
    initial_level: float
    def forecast(self, steps: int) -> NDArray[float64]: ...

class ETSModel:
    def __init__(self, endog: NDArray[float64], error: str = ...) -> None: ...
    def fit(self, *, disp: int = ...) -> ETSResults: ...
