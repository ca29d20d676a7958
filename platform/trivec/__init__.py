"""Trivec: three views of a text's meaning as named vectors of one point in Qdrant.

Nothing is imported here: every room is loaded by whoever needs it, so that `import trivec` stays instant.
"""

__version__ = "0.1.0"
