"""Keys: who passes where."""

import pytest
from starlette.datastructures import Headers

from trivec.node.auth import Access, Guard
from trivec.node.errors import Forbidden

BOTH = Guard(api_key="write", read_only_api_key="read")


def status(guard: Guard, access: Access, **headers: str) -> int:
    """200 for who passes."""
    try:
        guard.check(Headers({name.replace("_", "-"): value for name, value in headers.items()}), access)
    except Forbidden as error:
        return error.status
    return 200


@pytest.mark.parametrize("access", list(Access))
def test_without_keys_everybody_passes(access: Access) -> None:
    assert status(Guard(), access) == 200
    assert status(Guard(api_key="", read_only_api_key=""), access, api_key="anything") == 200


def test_the_write_key_opens_everything() -> None:
    assert {status(BOTH, access, api_key="write") for access in Access} == {200}
    assert status(BOTH, Access.WRITE, authorization="bearer write") == 200


def test_the_read_key_only_reads() -> None:
    assert [status(BOTH, access, api_key="read") for access in (Access.OPEN, Access.READ, Access.WRITE)] == [
        200,
        200,
        403,
    ]


@pytest.mark.parametrize(
    "headers", [{}, {"api_key": "no"}, {"authorization": "Basic write"}, {"authorization": "write"}]
)
def test_others_see_what_is_open(headers: dict[str, str]) -> None:
    assert [status(BOTH, access, **headers) for access in Access] == [200, 401, 401]


def test_an_empty_key_never_matches() -> None:
    only_read = Guard(read_only_api_key="read")
    assert status(only_read, Access.WRITE, api_key="") == 401
    assert status(only_read, Access.WRITE, api_key="read") == 403
