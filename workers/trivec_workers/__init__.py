"""Celery workers: thin tasks that call one service each."""
