from pyod.models.base import BaseDetector

class ECOD(BaseDetector):
    def __init__(self) -> None: ...
