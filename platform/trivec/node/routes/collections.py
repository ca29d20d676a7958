"""Collections: create, describe, list, change and delete them; their payload indexes and their aliases."""

from functools import partial

from qdrant_client.http import models

from trivec.node.conversion.points import json_object
from trivec.node.conversion.validation import parse
from trivec.node.conversion.vectors import Json
from trivec.node.errors import BadRequest
from trivec.node.routes.call import Call, written


def names(call: Call) -> Json:
    """All collections."""
    return {"collections": [{"name": name} for name in call.catalogue.names()]}


def exists(call: Call) -> Json:
    """Whether there is one of this name or alias."""
    return {"exists": call.catalogue.exists(call.path("collection"))}


def describe(call: Call) -> Json:
    """Status, sizes and configuration."""
    return call.collection.info().model_dump(mode="json", exclude_none=True)


def create(call: Call) -> Json:
    """A new collection."""
    call.catalogue.create(call.path("collection"), call.model(models.CreateCollection))
    return True


def change(call: Call) -> Json:
    """New parameters for a collection."""
    call.collection.update_parameters(call.model(models.UpdateCollection))
    return True


def delete(call: Call) -> Json:
    """Delete a collection; false when there was none."""
    return call.catalogue.delete(call.path("collection"))


def create_index(call: Call) -> Json:
    """Index a payload field."""
    request = call.model(models.CreateFieldIndex)
    if request.field_schema is None:
        raise BadRequest("Bad request: field_schema is missing: name the type of the field's values")
    return written(call, partial(call.collection.create_index, request.field_name, request.field_schema))


def delete_index(call: Call) -> Json:
    """Drop the index of a payload field."""
    return written(call, partial(call.collection.delete_index, call.path("field")))


def create_vector(call: Call) -> Json:
    """Add a named vector."""
    return written(call, partial(call.collection.create_vector, call.path("vector"), _vector(call.json())))


def delete_vector(call: Call) -> Json:
    """Remove a named vector from every point."""
    return written(call, partial(call.collection.delete_vector, call.path("vector")))


def _vector(body: Json) -> models.VectorParams | models.SparseVectorParams:
    if "sparse" in json_object(body, "body"):
        sparse = parse(models.SparseVectorNameConfig, body).sparse
        datatype = models.SparseIndexParams(datatype=models.Datatype(sparse.datatype)) if sparse.datatype else None
        return models.SparseVectorParams(index=datatype, modifier=sparse.modifier)
    dense = parse(models.DenseVectorNameConfig, body).dense
    return models.VectorParams(
        size=dense.size,
        distance=dense.distance,
        multivector_config=dense.multivector_config,
        datatype=models.Datatype(dense.datatype) if dense.datatype else None,
    )


def aliases(call: Call) -> Json:
    """All aliases."""
    return {"aliases": [alias.model_dump() for alias in call.catalogue.aliases()]}


def collection_aliases(call: Call) -> Json:
    """The aliases of one collection."""
    return {"aliases": [alias.model_dump() for alias in call.catalogue.aliases(call.path("collection"))]}


def change_aliases(call: Call) -> Json:
    """Several changes of aliases, all or none."""
    call.catalogue.change_aliases(call.model(models.ChangeAliasesOperation).actions)
    return True


def cluster(call: Call) -> Json:
    """How the collection is spread: one shard, here."""
    shard = {"shard_id": 0, "points_count": call.collection.info().points_count or 0, "state": "Active"}
    return {"peer_id": 0, "shard_count": 1, "local_shards": [shard], "remote_shards": [], "shard_transfers": []}


def optimizations(call: Call) -> Json:
    """Index builds: how many are waiting or running."""
    info = call.collection.info()
    pending = int(info.status is not models.CollectionStatus.GREEN)
    summary = {
        "queued_optimizations": pending,
        "queued_segments": 0,
        "queued_points": 0,
        "idle_segments": 0 if pending else info.segments_count,
    }
    return {"summary": summary, "running": []}
