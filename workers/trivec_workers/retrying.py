"""Trying again: a service says in how many seconds, Celery does the waiting."""

from celery import Task

LONG = 7 * 24 * 3600.0  # seconds: what is claimed and can be taken up again may take as long as its corpus is big


def again(task: Task, seconds: float | None) -> None:
    """Lets the task run once more after so many seconds, or not at all."""
    if seconds is not None:
        raise task.retry(countdown=seconds, max_retries=None)
