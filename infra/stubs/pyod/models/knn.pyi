from pyod.models.base import BaseDetector

class KNN(BaseDetector):
    def __init__(self, *, n_neighbors: int = ..., method: str = ...) -> None: ...
