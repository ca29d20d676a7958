"""Celery tasks, one file per queue or duty."""
