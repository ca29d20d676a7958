"""The only room that talks to Qdrant: schema, generations, writes, queries.

`Store` is loaded when it is first used, because Qdrant's client takes a second to import.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trivec.store.store import Store as Store

__all__ = ["Store"]


def __getattr__(name: str) -> object:
    """`trivec.store.Store`, imported at its first use (PEP 562)."""
    if name == "Store":
        from trivec.store.store import Store

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
