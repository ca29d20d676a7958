"""From bytes to characters: which encoding a file is in, and what to do with bytes that fit none.

A binary stream goes in, a text stream comes out. Bytes that cannot be decoded become `UNDECODABLE`, so that only the
row they stand in is lost.
"""

import codecs
import io
from collections.abc import Iterator

from trivec.errors import MissingExtra

UNDECODABLE = "\ufdd0"  # a non-character: never part of a text
SAMPLE = 2**18  # bytes that decide
LONGEST_LINE = 2**25  # characters
_WESTERN_ENCODING = "cp1252"
_ERRORS = "trivec.undecodable"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that old western encodings use for letters and typographic marks; others in a text are damage.
_WESTERN = frozenset(range(0xC0, 0xFE)) | frozenset(
    b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa3\xa7\xa9\xab\xb0\xbb"
)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNDECODABLE, error.end
    raise error


codecs.register_error(_ERRORS, _mark)


def text_stream(stream: io.BufferedReader) -> io.TextIOWrapper:
    """The characters of a stream, its line ends as they are; bad bytes become `UNDECODABLE`."""
    encoding = detect(stream.peek(SAMPLE)[:SAMPLE])
    return io.TextIOWrapper(stream, encoding=encoding, errors=_ERRORS, newline="")


def detect(sample: bytes) -> str:
    """The encoding of a file that begins so: by its mark, else UTF-8 where it mostly fits, else the likeliest."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    if _looks_like_utf16(sample):
        return "utf-16-le" if sample[1:2] == b"\0" else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")(errors=_ERRORS)
    text = decoder.decode(sample)
    if UNDECODABLE not in text:
        return "utf-8"
    return _legacy(sample) if _is_legacy(sample, text) else "utf-8"


def decoded(data: bytes) -> str:
    """The characters of a whole small file; bad bytes become U+FFFD, since there is no row to leave out."""
    text = data.decode(detect(data[:SAMPLE]), errors=_ERRORS)
    return text.removeprefix("\ufeff").replace(UNDECODABLE, "\ufffd")


def lines(stream: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Lines with their 1-based numbers; one that never ends is cut at `LONGEST_LINE`, the rest of it dropped."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        yield number, line
        while len(line) == LONGEST_LINE and not line.endswith("\n"):
            line = stream.readline(LONGEST_LINE)


def _looks_like_utf16(sample: bytes) -> bool:
    """Every other byte of the beginning is zero, as in western text in UTF-16 without a mark."""
    even, odd = sample[0:200:2], sample[1:200:2]
    return len(odd) >= 2 and ((not any(odd) and all(even)) or (not any(even) and all(odd)))


def _is_legacy(sample: bytes, text: str) -> bool:
    """Whether the whole file is in an older encoding, rather than UTF-8 with some broken rows."""
    bad = text.count(UNDECODABLE)
    if sum(char > "\x7f" for char in text) - bad > bad / 10:
        return False  # what decodes as UTF-8 by chance is rare
    high = [byte for byte in sample if byte >= 0x80]
    if len(high) > len(sample) / 4:
        return True  # Cyrillic, Greek, Chinese ...
    rows = text.splitlines()
    many = sum(UNDECODABLE in row for row in rows) > len(rows) / 5
    alone = text.count(UNDECODABLE * 2) <= len(high) / 4
    western = sum(byte in _WESTERN for byte in high) >= len(high) * 0.9
    return many and alone and western


def _legacy(sample: bytes) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        raise MissingExtra("charset-normalizer", "sources") from error
    found = from_bytes(sample)
    western = [match for match in found if _WESTERN_ENCODING in (match.encoding, *match.could_be_from_charset)]
    best = found.best()
    if best is None or (western and western[0].chaos <= best.chaos):
        return _WESTERN_ENCODING  # its neighbours differ in few letters: the commonest wins a tie
    return best.encoding
