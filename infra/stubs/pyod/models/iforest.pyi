from pyod.models.base import BaseDetector

class IForest(BaseDetector):
    def __init__(self, *, random_state: int = ...) -> None: ...
