"""What Qdrant has and one machine over Qdrant Edge has not: said clearly instead of a silent 404."""

from trivec.node.auth import Access
from trivec.node.conversion.vectors import Json
from trivec.node.errors import Unsupported
from trivec.node.routes.call import Call, Endpoint, Handler

_SHARDING = "Sharding is not served: this node keeps every collection in one shard. Use a Qdrant cluster"
_CLUSTER = "Cluster operations are not served: this node is one machine. Use a Qdrant cluster"
_SHARD_SNAPSHOTS = "Snapshots of shards are not served: take a snapshot of the collection, which is one shard"
_OLD = "This endpoint is superseded and not served: ask /points/query, /points/query/batch or /points/query/groups"
_QUOTAS = "Quotas are not served"
_ISSUES = "Issue reports are not served"
_LOCKS = "Locks are not served: give readers the read-only key instead"


def _refuse(message: str) -> Handler:
    def handle(call: Call) -> Json:
        raise Unsupported(message)

    return handle


_PATHS = (
    ("GET PUT", "/collections/{collection}/shards", _SHARDING),
    ("POST", "/collections/{collection}/shards/delete", _SHARDING),
    ("POST", "/collections/{collection}/cluster", _CLUSTER),
    ("GET POST", "/collections/{collection}/shards/{shard}/snapshots", _SHARD_SNAPSHOTS),
    ("GET", "/collections/{collection}/shards/{shard}/snapshot", _SHARD_SNAPSHOTS),
    ("PUT", "/collections/{collection}/shards/{shard}/snapshots/recover", _SHARD_SNAPSHOTS),
    ("POST", "/collections/{collection}/shards/{shard}/snapshots/upload", _SHARD_SNAPSHOTS),
    ("GET DELETE", "/collections/{collection}/shards/{shard}/snapshots/{snapshot}", _SHARD_SNAPSHOTS),
    *(
        ("POST", f"/collections/{{collection}}/points/{question}{form}", _OLD)
        for question in ("search", "recommend", "discover")
        for form in ("", "/batch", "/groups")
    ),
    ("POST", "/cluster/recover", _CLUSTER),
    ("DELETE", "/cluster/peer/{peer}", _CLUSTER),
    ("GET", "/cluster/telemetry", _CLUSTER),
    ("GET PUT", "/quotas", _QUOTAS),
    ("GET DELETE", "/issues", _ISSUES),
    ("GET POST", "/locks", _LOCKS),
)

UNSERVED = tuple(
    Endpoint(method, path, _refuse(message), Access.READ)
    for methods, path, message in _PATHS
    for method in methods.split()
)
