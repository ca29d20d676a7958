"""What a command works with: settings, and the services of this machine when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trivec.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from trivec.services.container import Container
    from trivec.settings import Settings


def settings() -> Settings:
    """The settings; one that does not fit is named together with its value."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from trivec.settings import Settings

    try:
        found = Settings()
    except ValidationError as error:
        raise BadInput("; ".join(_complaint(dict(detail)) for detail in error.errors())) from error
    except SettingsError as error:
        raise BadInput(f"settings: {error}; lists are written as JSON, like '[\"key\"]'") from error
    return found.model_copy(update={"home": found.home.expanduser().absolute()})


def _complaint(detail: dict[str, object]) -> str:
    location = detail.get("loc")
    name = "_".join(str(part) for part in location) if isinstance(location, tuple) else ""
    if detail.get("type") == "extra_forbidden":
        return f"trivec.toml: there is no setting {name!r}"
    return f"setting TRIVEC_{name.upper()} is {detail.get('input')!r}: {detail.get('msg')}"


def require_services(found: Settings, *, queue: bool = False) -> None:
    """Raise Unavailable, saying how to start them, unless Qdrant (and the queue, if wanted) answers."""
    from trivec.api import probes

    key = found.qdrant_api_key.get_secret_value() if found.qdrant_api_key else None
    states = [probes.node(found.qdrant_url, api_key=key)]
    if queue:
        states.append(probes.queue(found.redis_url.get_secret_value()))
    missing = [state for state in states if state != probes.OK]
    if missing:
        raise Unavailable(f"{'; '.join(missing)}: start the services with `trivec up` (in another terminal)")


def container(*, queue: bool = False) -> Container:
    """The services of a machine where they run; see `require_services`."""
    found = settings()
    require_services(found, queue=queue)
    return services(found)


def services(found: Settings | None = None) -> Container:
    """The services, whether or not what they lean on runs."""
    from trivec.services.container import Container

    return Container(found or settings())
