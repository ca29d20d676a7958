from typing import Literal

from numpy import float64
from numpy.typing import NDArray

class MiniSom:
    def __init__(
        self,
        x: int,
        y: int,
        input_len: int,
        sigma: float = ...,
        *,
        topology: Literal["hexagonal", "rectangular"] = ...,
        random_seed: int | None = ...,
    ) -> None: ...
    def get_weights(self) -> NDArray[float64]: ...
    def convert_map_to_euclidean(self, xy: tuple[int, int]) -> tuple[float, float]: ...
    def distance_map(self, scaling: Literal["sum", "mean"] = ...) -> NDArray[float64]: ...
    def quantization_error(self, data: NDArray[float64]) -> float: ...
    def topographic_error(self, data: NDArray[float64]) -> float: ...
