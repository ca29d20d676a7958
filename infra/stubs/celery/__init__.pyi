# Types of what Trivec uses of Celery.
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from celery.app.task import Task as Task

class Settings(dict[str, Any]):
    beat_schedule: dict[str, Any]

class Celery:
    conf: Settings
    main: str
    def __init__(
        self, main: str | None = None, *, set_as_current: bool = True, include: Sequence[str] | None = None
    ) -> None: ...
    def task(
        self,
        *,
        name: str,
        bind: bool = False,
        max_retries: int | None = 3,
        soft_time_limit: float | None = None,
        time_limit: float | None = None,
    ) -> Callable[[Callable[..., None]], Task]: ...
    def send_task(
        self,
        name: str,
        args: Sequence[Any] | None = None,
        *,
        queue: str | None = None,
        task_id: str | None = None,
        priority: int | None = None,
        countdown: float | None = None,
        expires: float | None = None,
        retry: bool | None = None,
    ) -> object: ...
    def worker_main(self, argv: Sequence[str] | None = None) -> None: ...
    def start(self, argv: Sequence[str] | None = None) -> NoReturn: ...
    def close(self) -> None: ...
    @property
    def tasks(self) -> Mapping[str, Task]: ...
