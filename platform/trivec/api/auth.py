"""API keys: who may read and who may write.

Keys come as `Authorization: Bearer KEY` or `X-API-Key: KEY`. Where none is configured the API is open.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from trivec.errors import NotAllowed

Scope = Literal["read", "write"]

_BEARER = HTTPBearer(auto_error=False, description="A key of TRIVEC_API_READ_KEYS or TRIVEC_API_WRITE_KEYS.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False)


@dataclass(frozen=True)
class Keys:
    """The configured keys; a write key may read, too."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether anybody may do anything."""
        return not self.read and not self.write

    def check(self, key: str | None, scope: Scope) -> None:
        """Pass silently, or raise NotAllowed: 401 without a known key, 403 with one that is too weak."""
        if self.open:
            return
        if not key:
            raise NotAllowed("an API key is needed: send it as `Authorization: Bearer KEY` or `X-API-Key`", status=401)
        writes, reads = _among(key, self.write), _among(key, self.read)
        if not (writes or reads):
            raise NotAllowed("this API key is unknown", status=401)
        if scope == "write" and not writes:
            raise NotAllowed("this API key may only read: use one of TRIVEC_API_WRITE_KEYS")


def _among(key: str, known: Sequence[str]) -> bool:
    """Compared with every key in constant time, so that timing tells nothing."""
    matches = [hmac.compare_digest(key.encode(), candidate.encode()) for candidate in known]
    return any(matches)


def key_in(headers: Mapping[str, str]) -> str | None:
    """The key that a request carries, where no dependency has taken it out."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials if scheme.lower() == "bearer" and credentials else headers.get("x-api-key")


def _given(bearer: HTTPAuthorizationCredentials | None, header: str | None) -> str | None:
    return bearer.credentials if bearer else header


Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
Header = Annotated[str | None, Security(_HEADER)]


async def may_read(request: Request, bearer: Bearer, header: Header) -> None:
    """Let holders of a read or write key pass."""
    _keys(request).check(_given(bearer, header), "read")


async def may_write(request: Request, bearer: Bearer, header: Header) -> None:
    """Let holders of a write key pass; where there are no keys, everybody but other web sites' pages."""
    keys = _keys(request)
    if keys.open and _is_foreign(request):
        raise NotAllowed(f"pages of {request.headers['origin']} may not write here: configure TRIVEC_API_WRITE_KEYS")
    keys.check(_given(bearer, header), "write")


def _is_foreign(request: Request) -> bool:
    """Whether a browser sends this for a page of another site, which needs no permission for some kinds of request."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _keys(request: Request) -> Keys:
    keys = request.app.state.keys
    assert isinstance(keys, Keys)  # noqa: S101  set by create_app
    return keys


READ = Depends(may_read)
WRITE = Depends(may_write)
