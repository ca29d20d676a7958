"""`python -m trivec.api.openapi`: write docs/reference/openapi.json, the API as programs read it."""

import sys
from pathlib import Path

import orjson

from trivec.api.app import create_app
from trivec.services.container import Container
from trivec.settings import Settings

PUBLISHED = Path("docs/reference/openapi.json")


def main(path: Path) -> None:
    """Write the description to a file."""
    described = create_app(Container(Settings())).openapi()
    path.write_bytes(orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PUBLISHED)
