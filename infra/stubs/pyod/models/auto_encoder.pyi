from pyod.models.base import BaseDetector

class AutoEncoder(BaseDetector):
    def __init__(self, *, random_state: int = ..., verbose: int = ...) -> None: ...
