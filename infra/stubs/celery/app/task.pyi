from collections.abc import Mapping
from typing import Any

class Context:
    id: str | None
    retries: int

class Task:
    name: str
    request: Context
    max_retries: int | None
    soft_time_limit: float | None
    time_limit: float | None
    acks_late: bool
    def __call__(self, *args: Any) -> None: ...
    def retry(self, *, countdown: float, max_retries: int | None = None) -> BaseException: ...
    def apply(self, args: tuple[Any, ...] = ()) -> object: ...
