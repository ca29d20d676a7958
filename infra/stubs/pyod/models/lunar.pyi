from pyod.models.base import BaseDetector

class LUNAR(BaseDetector):
    def __init__(self, *, n_neighbours: int = ..., random_state: int = ...) -> None: ...
