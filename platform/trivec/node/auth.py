"""Who may do what: the API key that may do everything, and the read-only key that may look.

Keys come in the header `api-key` or as `Authorization: Bearer KEY`, as with Qdrant.
"""

import hmac
from dataclasses import dataclass
from enum import Enum

from starlette.datastructures import Headers

from trivec.node.errors import Forbidden


class Access(Enum):
    """What an endpoint asks of its caller."""

    OPEN = "open"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True)
class Guard:
    """Checks keys; without any key configured, everybody may do everything.

    Attributes:
        api_key: may read and write.
        read_only_api_key: may read.
    """

    api_key: str | None = None
    read_only_api_key: str | None = None

    def check(self, headers: Headers, access: Access) -> None:
        """Let the caller pass.

        Raises:
            Forbidden: no key or an unknown one (401), or the read-only key for a change (403).
        """
        if access is Access.OPEN or not (self.api_key or self.read_only_api_key):
            return
        given = _given(headers)
        if not given:
            raise Forbidden("Must provide an API key or an Authorization bearer token", status=401)
        if _same(given, self.api_key):
            return
        if not _same(given, self.read_only_api_key):
            raise Forbidden("Invalid API key or JWT", status=401)
        if access is Access.WRITE:
            raise Forbidden("Forbidden: Global write access is required")


def _given(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return headers.get("api-key", "") or (token.strip() if scheme.lower() == "bearer" else "")


def _same(given: str, key: str | None) -> bool:
    """In constant time, so that a key cannot be guessed letter by letter."""
    return key is not None and key != "" and hmac.compare_digest(given.encode(), key.encode())
