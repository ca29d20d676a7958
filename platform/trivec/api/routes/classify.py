"""Classification: where in a corpus's own taxonomy a text belongs."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from trivec.api import model_views, parts, views
from trivec.api.auth import READ
from trivec.api.learning_schemas import ClassifiedAnswer, ClassifyBody

router = APIRouter(prefix="/v1/classify", tags=["classify"])


@router.post("", response_model=ClassifiedAnswer, summary="Classify a text", dependencies=[READ])
def classify(request: Request, body: ClassifyBody) -> Response:
    """The path, how sure it is at each level, and labelled documents that are like the text."""
    found = parts.container(request).taxonomy.classify(body.corpus, body.text, similar=body.similar)
    return views.reply(model_views.classified(found))
