"""Uploads: multipart bodies streamed to a folder of their own under TRIVEC_HOME, never whole in memory.

An upload is named by a random id; the file keeps the harmless part of its name, which becomes the documents' source.
"""

import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from trivec.errors import BadInput, NotFound

_LIMITS = {"MAX_FIELDS": 32, "MAX_FIELD_SIZE": 1 << 20, "MAX_MEMORY_FILE_SIZE": 1 << 16, "UPLOAD_DELETE_TMP": False}
_MULTIPART, _URL_ENCODED = b"multipart/form-data", b"application/x-www-form-urlencoded"
_ID = re.compile(r"[0-9a-f]{24}")
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Form:
    """A multipart form: its plain fields, the upload's id ("" without a file) and where its file lies."""

    fields: Mapping[str, str]
    upload: str
    path: Path | None


class Uploads:
    """The folder where uploads wait until their job has read them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> tuple[str, Path]:
        """A new upload's id and the path where its file is to be written."""
        upload = secrets.token_hex(12)
        place = self.folder / upload
        place.mkdir(parents=True)
        return upload, place / safe_name(name)

    def find(self, upload: str) -> Path:
        """The file of an earlier upload."""
        place = self.folder / upload
        found = next(place.iterdir(), None) if _ID.fullmatch(upload) and place.is_dir() else None
        if found is None:
            raise NotFound(f"no upload is called {upload!r}: it may have been cleared away; send the file again")
        return found

    def discard(self, upload: str) -> None:
        """Forget an upload; one that does not exist is fine."""
        if _ID.fullmatch(upload):
            shutil.rmtree(self.folder / upload, ignore_errors=True)

    def sweep(self, *, older_than_seconds: float) -> int:
        """Forget what has lain here for long; how many."""
        if not self.folder.is_dir():
            return 0
        before = time.time() - older_than_seconds
        old = [place for place in self.folder.iterdir() if place.stat().st_mtime < before]
        for place in old:
            self.discard(place.name)
        return len(old)

    async def receive(self, content_type: str, body: AsyncIterator[bytes]) -> Form:
        """Stream a form to disk; nothing of it stays when it is broken, too large or cut off."""
        upload, path = self.create("upload")
        try:
            return await _Receiver(upload, path.parent).receive(content_type, body)
        except BaseException:
            self.discard(upload)
            raise


class _Receiver:
    """One form on its way in."""

    def __init__(self, upload: str, place: Path) -> None:
        self.upload = upload
        self.place = place
        self.fields: dict[str, str] = {}
        self.files: list[File] = []
        self.url_encoded = False

    async def receive(self, content_type: str, body: AsyncIterator[bytes]) -> Form:
        """Parse while it arrives; disk is written to in a thread."""
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not (kind == _URL_ENCODED or (kind == _MULTIPART and boundary)):
            raise BadInput(f"the content type is {content_type!r}: send a form, multipart/form-data with a `file`")
        self.url_encoded = kind == _URL_ENCODED
        config = {**_LIMITS, "UPLOAD_DIR": str(self.place)}
        parser = FormParser(kind.decode(), self._field, self.files.append, boundary=boundary, config=config)
        try:
            async for chunk in body:
                await run_in_threadpool(parser.write, chunk)
            await run_in_threadpool(parser.finalize)
        except FormParserError as error:
            raise BadInput(f"the multipart body is broken: {error}") from error
        finally:
            parser.close()
        return self._form()

    def _field(self, field: Field) -> None:
        name, value = self._text(field.field_name), self._text(field.value)
        if name != "file" or value:  # browsers send an empty `file` for none chosen
            self.fields[name] = value

    def _text(self, raw: bytes | None) -> str:
        text = (raw or b"").decode("utf-8", "replace")
        return unquote_plus(text) if self.url_encoded else text

    def _form(self) -> Form:
        files = [file for file in self.files if file.field_name == b"file" and file.file_name]
        if len(files) != len(self.files) or len(files) > 1:
            raise BadInput(f"the form holds {len(self.files)} files: send exactly one, in the field `file`")
        if not files:
            self.place.rmdir()
            return Form(self.fields, "", None)
        return Form(self.fields, self.upload, self._keep(files[0]))

    def _keep(self, file: File) -> Path:
        if file.in_memory:
            file.flush_to_disk()
        written = file.actual_file_name
        assert written is not None  # noqa: S101  flushed
        file.close()
        path = self.place / safe_name((file.file_name or b"").decode("utf-8", "replace"))
        return Path(written.decode()).rename(path)


def safe_name(name: str) -> str:
    r"""The harmless part of a file name that a stranger chose.

    Examples:
        >>> safe_name("../../etc/passwd"), safe_name("C:\\data\\News 2024.csv.gz"), safe_name("...")
        ('passwd', 'News 2024.csv.gz', 'upload')
    """
    base = re.split(r"[/\\]", name)[-1]
    kept = re.sub(r"[^\w .()+-]", "_", base).strip(" .")
    return kept[-_LONGEST_NAME:].lstrip(" .") or "upload"
