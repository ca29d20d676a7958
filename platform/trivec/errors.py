"""Every error that Trivec raises on purpose.

    TrivecError
    ├── BadInput                 what was given cannot be used           HTTP 422
    │   ├── UnknownFormat        a file whose kind no reader knows
    │   ├── UnsafeArchive        an archive that escapes its folder or explodes
    │   ├── BadMapping           columns that do not exist or do not fit
    │   ├── BadQuery             a question that cannot be asked this way
    │   └── TooLarge             more than the configured limit          HTTP 413
    ├── NotFound                 a corpus, document, job or model        HTTP 404
    ├── Conflict                 it exists, is busy, or does not fit     HTTP 409
    ├── Cancelled                somebody asked the work to stop         HTTP 409
    ├── NotAllowed               a missing, unknown or too weak API key  HTTP 401, 403
    ├── Unavailable              a service does not answer (yet)         HTTP 503
    ├── MissingExtra             an optional dependency is not installed HTTP 501
    └── Broken                   stored state that contradicts itself    HTTP 500

A message names the thing, the value, and what to do about it.
"""

from typing import ClassVar


class TrivecError(Exception):
    """Root of the tree; `code` is stable and meant for programs, `status` is the HTTP status."""

    code: ClassVar[str] = "error"
    status: int = 500


class BadInput(TrivecError):
    """What was given cannot be used; the message says why and what would be."""

    code = "bad_input"
    status = 422


class UnknownFormat(BadInput):
    """A file whose kind no reader knows."""

    code = "unknown_format"


class UnsafeArchive(BadInput):
    """An archive that would write outside its folder or grow beyond its limit."""

    code = "unsafe_archive"


class BadMapping(BadInput):
    """Columns that do not exist or do not hold what they should."""

    code = "bad_mapping"


class BadQuery(BadInput):
    """A question that cannot be asked this way."""

    code = "bad_query"


class TooLarge(BadInput):
    """More than the configured limit."""

    code = "too_large"
    status = 413


class NotFound(TrivecError):
    """A corpus, document, job or model that does not exist."""

    code = "not_found"
    status = 404


class Conflict(TrivecError):
    """It exists already, is busy, or does not fit what is stored."""

    code = "conflict"
    status = 409


class Cancelled(TrivecError):
    """Somebody asked the work to stop; what was done stays, the rest was not begun."""

    code = "cancelled"
    status = 409


class NotAllowed(TrivecError):
    """A missing, unknown or too weak API key."""

    code = "not_allowed"
    status = 403

    def __init__(self, message: str, *, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


class Unavailable(TrivecError):
    """A service does not answer; trying again later may help."""

    code = "unavailable"
    status = 503


class MissingExtra(TrivecError):
    """An optional dependency is not installed; the message is the pip line that mends it."""

    code = "missing_extra"
    status = 501

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'trivec[{extra}]'")


class Broken(TrivecError):
    """Stored state that contradicts itself."""

    code = "broken"
