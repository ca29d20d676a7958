"""OpenAPI: complete, with examples that are valid, and as it is published in the docs."""

import json
from pathlib import Path
from typing import Any

import pytest

from trivec.api.app import create_app
from trivec.api.ingest_schemas import DocumentsBody, JobAnswer, MappingBody, PreviewAnswer
from trivec.api.learning_schemas import (
    ChampionAnswer,
    ClassifiedAnswer,
    ClassifyBody,
    LearningAnswer,
    LearningBody,
    ModelAnswer,
    PromoteBody,
)
from trivec.api.schemas import CorpusAnswer, SearchAnswer, SearchBody
from trivec.services.container import Container
from trivec.settings import Settings

PUBLISHED = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return create_app(Container(Settings())).openapi()


def test_the_published_description_is_the_current_one(described: dict[str, Any]) -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == described, "run: python -m trivec.api.openapi"


def test_every_operation_has_a_summary_a_tag_and_our_errors(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["tags"], (method, path)
            refused = operation["responses"]["404"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path)


@pytest.mark.parametrize(
    "model",
    [
        *(SearchBody, SearchAnswer, CorpusAnswer, DocumentsBody, MappingBody, PreviewAnswer, JobAnswer),
        *(LearningBody, LearningAnswer, ModelAnswer, PromoteBody, ChampionAnswer, ClassifyBody, ClassifiedAnswer),
    ],
)
def test_examples_are_valid(model: Any) -> None:
    schema = model.model_json_schema()
    examples = schema.get("examples") or [schema["example"]]
    for example in examples:
        model.model_validate(example)
