"""Snapshots of one collection and of the whole storage: take, list, download, delete, and recover collections.

Files are streamed; nothing here waits for the disk on the event loop's thread.
"""

import asyncio
import shutil
from pathlib import Path
from typing import BinaryIO

from qdrant_client.http import models
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from trivec.node.conversion.vectors import Json
from trivec.node.errors import BadRequest
from trivec.node.routes.call import Call
from trivec.node.snapshots import Snapshots, local_file

_COPY_BYTES = 1 << 20


async def create(call: Call) -> Json:
    """Take a snapshot; the answer comes when it is complete."""
    return (await _snapshots(call).create()).model_dump(mode="json")


def names(call: Call) -> Json:
    """All complete snapshots."""
    return [snapshot.model_dump(mode="json") for snapshot in _snapshots(call).list()]


def download(call: Call) -> Json:
    """The file of a snapshot."""
    path = _snapshots(call).path(call.path("snapshot"))
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def delete(call: Call) -> Json:
    """Remove a snapshot."""
    _snapshots(call).delete(call.path("snapshot"))
    return True


async def recover(call: Call) -> Json:
    """Make a collection what a snapshot on the node's own disk says."""
    request = call.model(models.SnapshotRecover)
    await call.catalogue.recover(call.path("collection"), local_file(request.location), checksum=request.checksum)
    return True


async def upload(call: Call) -> Json:
    """Make a collection what an uploaded snapshot says."""
    async with call.request.form(max_files=1, max_fields=0) as form:
        upload = form.get("snapshot")
        if not isinstance(upload, UploadFile):
            raise BadRequest("Wrong input: a multipart form with the file in the field `snapshot` is expected")
        path = call.catalogue.temporary_folder()
        try:
            await asyncio.to_thread(_write, upload.file, path)
            checksum = call.request.query_params.get("checksum")
            await call.catalogue.recover(call.path("collection"), path, checksum=checksum)
        finally:
            path.unlink(missing_ok=True)
    return True


def _snapshots(call: Call) -> Snapshots:
    """Those of the collection that the path names, else those of the whole storage."""
    return call.collection.snapshots if "collection" in call.request.path_params else call.catalogue.snapshots


def _write(source: BinaryIO, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, _COPY_BYTES)
