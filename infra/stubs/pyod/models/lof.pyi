from pyod.models.base import BaseDetector

class LOF(BaseDetector):
    def __init__(self, *, n_neighbors: int = ..., novelty: bool = ...) -> None: ...
