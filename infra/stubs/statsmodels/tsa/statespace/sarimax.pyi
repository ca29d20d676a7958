from numpy import float64
from numpy.typing import NDArray

class SARIMAXResults:
    params: NDArray[float64]
    def forecast(self, steps: int) -> NDArray[float64]: ...

class SARIMAX:
    def __init__(self, endog: NDArray[float64], *, order: tuple[int, int, int], trend: str) -> None: ...
    def fit(self, *, disp: int = ..., maxiter: int = ..., cov_type: str = ...) -> SARIMAXResults: ...
