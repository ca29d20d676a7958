"""Short questions to the services we lean on: "ok", or what is wrong in words."""

import httpx

OK = "ok"


def http(url: str, *, api_key: str | None = None, seconds: float = 2.0) -> str:
    """Whether a URL answers with success."""
    try:
        answer = httpx.get(url, headers={"api-key": api_key} if api_key else {}, timeout=seconds)
    except httpx.HTTPError as error:
        return f"{url} does not answer ({type(error).__name__})"
    return OK if answer.is_success else f"{url} answers {answer.status_code}"


def node(url: str, *, api_key: str | None = None, seconds: float = 2.0) -> str:
    """Whether Qdrant, or the node, can serve."""
    return http(f"{url.rstrip('/')}/readyz", api_key=api_key, seconds=seconds)


def queue(url: str, *, seconds: float = 2.0) -> str:
    """Whether Redis answers; its URL may hold a password and is not repeated."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return f"Redis does not answer ({type(error).__name__})"
    return OK


def workers(redis_url: str, *, seconds: float = 1.0) -> list[str]:
    """Names of the workers that answer a ping within the time; empty when the queue does not answer either."""
    from celery import Celery
    from celery.app.control import Control
    from kombu.exceptions import OperationalError

    from trivec.jobs import configuration

    app = Celery("trivec", set_as_current=False)
    app.conf.update(configuration(redis_url))
    try:
        answers = Control(app).ping(timeout=seconds)
    except (OperationalError, OSError):
        return []
    finally:
        app.close()
    return sorted(name for answer in answers for name in answer)
