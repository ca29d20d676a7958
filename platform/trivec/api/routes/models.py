"""Models: what was learned, what it reached, what serves and why; let another version serve."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from trivec.api import model_views, parts, views
from trivec.api.auth import READ, WRITE
from trivec.api.learning_schemas import ChampionAnswer, ModelAnswer, ModelsAnswer, PromoteBody

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("", response_model=ModelsAnswer, summary="List models", dependencies=[READ])
def list_models(request: Request) -> Response:
    """Every model with its champion."""
    registry = parts.container(request).registry
    return views.reply({"models": [model_views.summary(name, registry.versions(name)) for name in registry.names()]})


@router.get("/{name}", response_model=ModelAnswer, summary="Look at a model", dependencies=[READ])
def show_model(request: Request, name: str) -> Response:
    """Its versions with parameters, metrics and curves, and every decision about its champion with the reason."""
    container = parts.container(request)
    return views.reply(model_views.model(container.registry, container.learning, name))


@router.post("/{name}/promote", response_model=ChampionAnswer, summary="Promote a version", dependencies=[WRITE])
def promote(request: Request, name: str, body: PromoteBody) -> Response:
    """Let it serve, whatever the gate said. Answers when the corpus is served by it, which may take a while."""
    champion = parts.container(request).learning.use(f"{name}:{body.version}", reason=body.reason)
    return views.reply({"name": name, "champion": champion})


@router.post("/{name}/rollback", response_model=ChampionAnswer, summary="Roll back", dependencies=[WRITE])
def rollback(request: Request, name: str) -> Response:
    """Let the champion before serve again; once more goes one further, and after the first nobody is champion."""
    return views.reply({"name": name, "champion": parts.container(request).learning.rollback(name)})
