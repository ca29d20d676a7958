"""Collections and aliases of Qdrant, as files and back, over the REST API that the node and a server share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from trivec.errors import Broken, Unavailable

_PATIENCE = httpx.Timeout(30.0, read=1800.0, write=1800.0)  # seconds; a large collection takes a while


class QdrantBackup:
    """Snapshots of every collection, downloaded one at a time.

    Args:
        url: of Qdrant or the node.
        api_key: may write.
    """

    def __init__(self, url: str, *, api_key: str | None) -> None:
        headers = {"api-key": api_key} if api_key else {}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=_PATIENCE)

    def collections(self) -> list[str]:
        """Names of all collections."""
        return sorted(each["name"] for each in self._ask("GET", "/collections")["collections"])

    def aliases(self) -> dict[str, str]:
        """Alias -> collection."""
        found = self._ask("GET", "/aliases")["aliases"]
        return {each["alias_name"]: each["collection_name"] for each in found}

    def save(self, collection: str, target: Path) -> None:
        """Write a snapshot of a collection to a file; nothing of it stays behind in Qdrant."""
        place = f"/collections/{quote(collection, safe='')}/snapshots"
        name = self._ask("POST", place)["name"]
        try:
            with self._client.stream("GET", f"{place}/{name}") as answer, target.open("wb") as file:
                answer.raise_for_status()
                for chunk in answer.iter_bytes(1 << 20):
                    file.write(chunk)
        except httpx.HTTPError as error:
            raise Unavailable(f"downloading the snapshot of {collection} failed: {error}") from error
        finally:
            self._ask("DELETE", f"{place}/{name}")

    def load(self, collection: str, source: Path) -> None:
        """Make a collection what a snapshot says, whether it exists or not."""
        with source.open("rb") as file:
            place = f"/collections/{quote(collection, safe='')}/snapshots/upload?priority=snapshot&wait=true"
            self._ask("POST", place, files={"snapshot": (source.name, file)})

    def point(self, aliases: Mapping[str, str]) -> None:
        """Make aliases point where they are to point, all in one step."""
        known = self.aliases()
        actions: list[dict[str, Any]] = []
        for alias, collection in aliases.items():
            if alias in known:
                actions.append({"delete_alias": {"alias_name": alias}})
            actions.append({"create_alias": {"alias_name": alias, "collection_name": collection}})
        if actions:
            self._ask("POST", "/collections/aliases", json={"actions": actions})

    def _ask(self, method: str, path: str, *, json: object = None, files: Any = None) -> Any:
        try:
            answer = self._client.request(method, path, json=json, files=files)
        except httpx.HTTPError as error:
            raise Unavailable(f"Qdrant at {self._client.base_url} does not answer: {error}") from error
        if not answer.is_success:
            raise Broken(f"Qdrant refuses {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()["result"]
