"""Which ids a source has used already, and where; on disk beyond a few megabytes, so that memory stays constant."""

import sqlite3
from hashlib import blake2b


class SeenIds:
    """Remembers 64-bit hashes of ids (10 million ids: one false alarm in 300,000 sources)."""

    def __init__(self) -> None:
        # An empty name is a private temporary database; a reader may be handed from thread to thread.
        self._table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._table.execute("PRAGMA cache_size = -4096")
        self._table.execute("CREATE TABLE seen (id INTEGER PRIMARY KEY, source TEXT, line INTEGER)")
        self._table.execute("BEGIN")

    def add(self, identifier: str, source: str, line: int) -> str:
        """Where the id was used before, or "" when it is new, and then it is remembered."""
        key = int.from_bytes(blake2b(identifier.encode(errors="replace"), digest_size=8).digest(), signed=True)
        if self._table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (key, source, line)).rowcount:
            return ""
        where: tuple[str, int] = self._table.execute("SELECT source, line FROM seen WHERE id = ?", (key,)).fetchone()
        return f"{where[0]} line {where[1]}"

    def close(self) -> None:
        """Forget everything."""
        self._table.close()
