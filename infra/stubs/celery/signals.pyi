from collections.abc import Callable
from typing import Any

class Signal:
    def connect(self, receiver: Callable[..., None], *, weak: bool = True) -> Callable[..., None]: ...

worker_process_init: Signal
worker_process_shutdown: Signal
worker_ready: Signal
setup_logging: Signal
