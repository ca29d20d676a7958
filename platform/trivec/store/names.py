"""Names in Qdrant: a corpus is an alias (`news`), a generation a collection (`news.g3`), a passage a point.

Owns which corpus names are allowed and how the other names follow from them.
"""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from trivec.errors import BadInput

_CORPUS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PASSAGES = 0xFFFFFF  # the bits of a point id that number the passage; the other 98 random ones are the document's
_NAMESPACE = uuid5(NAMESPACE_URL, "https://trivec.dev/passage")


def check_corpus(name: str) -> str:
    """The name itself when a corpus may be called so.

    Raises:
        BadInput: it is not; the dot in particular is ours (`news.g3`, `news.feedback`).

    >>> check_corpus("press-2024")
    'press-2024'
    """
    if not _CORPUS.fullmatch(name):
        raise BadInput(
            f"corpus name {name[:80]!r} is not allowed: use 1 to 64 letters, digits, '-' and '_', "
            "beginning with a letter or digit"
        )
    return name


def collection_name(corpus: str, number: int) -> str:
    """The collection that holds a generation.

    >>> collection_name("news", 3)
    'news.g3'
    """
    return f"{corpus}.g{number}"


def parse_collection(name: str) -> tuple[str, int] | None:
    """Corpus and generation number of a collection of ours, None for any other collection.

    >>> parse_collection("news.g3"), parse_collection("news.feedback")
    (('news', 3), None)
    """
    corpus, _, rest = name.partition(".g")
    if not (_CORPUS.fullmatch(corpus) and re.fullmatch(r"[1-9][0-9]*", rest)):
        return None
    return corpus, int(rest)


def point_id(corpus: str, document_id: str, passage: int) -> UUID:
    """The same passage of the same document is always the same point, so a batch that runs twice changes nothing.

    The UUIDv5 of corpus and document with its last 24 bits replaced by the passage's number: points of one document
    differ in nothing else, so hits are grouped by document without reading a payload.

    >>> str(point_id("news", "a", 1))[-6:], document_key(str(point_id("news", "a", 1)))
    ('000001', 'b85121b9-2c08-586e-a8f8-ee1255')
    """
    return UUID(int=uuid5(_NAMESPACE, f"{corpus}\x1f{document_id}").int & ~_PASSAGES | passage)


def document_key(point: str) -> str:
    """What the points of a document have in common."""
    return point[:-6]
