"""Every endpoint of the node: method, path, what it does, and what it asks of its caller. The busiest come first."""

from trivec.node.auth import Access
from trivec.node.conversion import updates
from trivec.node.routes import collections, groups, matrix, points, queries, service, snapshots
from trivec.node.routes.call import Endpoint
from trivec.node.routes.unserved import UNSERVED

_ONE = "/collections/{collection}"
_POINTS = f"{_ONE}/points"
_SNAPSHOTS = f"{_ONE}/snapshots"
_OPEN, _READ, _WRITE = Access.OPEN, Access.READ, Access.WRITE

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", f"{_POINTS}/query", queries.query, _READ),
    Endpoint("POST", f"{_POINTS}/query/batch", queries.query_batch, _READ),
    Endpoint("PUT", _POINTS, points.write(updates.upsert), _WRITE),
    Endpoint("POST", _POINTS, points.retrieve, _READ),
    Endpoint("POST", f"{_POINTS}/scroll", points.scroll, _READ),
    Endpoint("POST", f"{_POINTS}/count", points.count, _READ),
    Endpoint("POST", f"{_POINTS}/batch", points.batch, _WRITE),
    Endpoint("POST", f"{_POINTS}/delete", points.write(updates.delete_points), _WRITE),
    Endpoint("PUT", f"{_POINTS}/vectors", points.write(updates.update_vectors), _WRITE),
    Endpoint("POST", f"{_POINTS}/vectors/delete", points.write(updates.delete_vectors), _WRITE),
    Endpoint("POST", f"{_POINTS}/payload", points.write(updates.set_payload), _WRITE),
    Endpoint("PUT", f"{_POINTS}/payload", points.write(updates.overwrite_payload), _WRITE),
    Endpoint("POST", f"{_POINTS}/payload/delete", points.write(updates.delete_payload), _WRITE),
    Endpoint("POST", f"{_POINTS}/payload/clear", points.write(updates.clear_payload), _WRITE),
    Endpoint("POST", f"{_POINTS}/query/groups", groups.query_groups, _READ),
    Endpoint("POST", f"{_POINTS}/search/matrix/pairs", matrix.pairs, _READ),
    Endpoint("POST", f"{_POINTS}/search/matrix/offsets", matrix.offsets, _READ),
    Endpoint("GET", f"{_POINTS}/{{id}}", points.get, _READ),
    Endpoint("POST", f"{_ONE}/facet", points.facet, _READ),
    Endpoint("GET", "/collections", collections.names, _READ),
    Endpoint("POST", "/collections/aliases", collections.change_aliases, _WRITE),
    Endpoint("GET", "/aliases", collections.aliases, _READ),
    Endpoint("GET", _ONE, collections.describe, _READ),
    Endpoint("PUT", _ONE, collections.create, _WRITE),
    Endpoint("PATCH", _ONE, collections.change, _WRITE),
    Endpoint("DELETE", _ONE, collections.delete, _WRITE),
    Endpoint("GET", f"{_ONE}/exists", collections.exists, _READ),
    Endpoint("GET", f"{_ONE}/aliases", collections.collection_aliases, _READ),
    Endpoint("GET", f"{_ONE}/cluster", collections.cluster, _READ),
    Endpoint("PUT", f"{_ONE}/index", collections.create_index, _WRITE),
    Endpoint("DELETE", f"{_ONE}/index/{{field:path}}", collections.delete_index, _WRITE),
    Endpoint("PUT", f"{_ONE}/vectors/{{vector:path}}", collections.create_vector, _WRITE),
    Endpoint("DELETE", f"{_ONE}/vectors/{{vector:path}}", collections.delete_vector, _WRITE),
    Endpoint("GET", _SNAPSHOTS, snapshots.names, _READ),
    Endpoint("POST", _SNAPSHOTS, snapshots.create, _WRITE),
    Endpoint("PUT", f"{_SNAPSHOTS}/recover", snapshots.recover, _WRITE),
    Endpoint("POST", f"{_SNAPSHOTS}/upload", snapshots.upload, _WRITE, streams=True),
    Endpoint("GET", f"{_SNAPSHOTS}/{{snapshot}}", snapshots.download, _READ),
    Endpoint("DELETE", f"{_SNAPSHOTS}/{{snapshot}}", snapshots.delete, _WRITE),
    Endpoint("GET", "/snapshots", snapshots.names, _READ),
    Endpoint("POST", "/snapshots", snapshots.create, _WRITE),
    Endpoint("GET", "/snapshots/{snapshot}", snapshots.download, _READ),
    Endpoint("DELETE", "/snapshots/{snapshot}", snapshots.delete, _WRITE),
    Endpoint("GET", f"{_ONE}/optimizations", collections.optimizations, _READ),
    Endpoint("GET", "/", service.root, _OPEN),
    Endpoint("GET", "/healthz", service.healthy, _OPEN),
    Endpoint("GET", "/livez", service.healthy, _OPEN),
    Endpoint("GET", "/readyz", service.healthy, _OPEN),
    Endpoint("GET", "/metrics", service.prometheus, _READ),
    Endpoint("GET", "/telemetry", service.telemetry, _READ),
    Endpoint("GET", "/cluster", service.cluster, _READ),
    *UNSERVED,
)
