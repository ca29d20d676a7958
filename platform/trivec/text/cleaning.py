"""Cleaning: the one form of a text that is encoded, cut, stored and shown.

A raw string goes in, clean text comes out: NFC, entities decoded, no control characters, spaces and blank lines
collapsed, paragraphs kept. Cleaning what is clean changes nothing, so offsets into it stay true.
"""

import html
import re
import unicodedata
from html.entities import html5

_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls, soft hyphens, zero-width spaces, bidirectional overrides, byte-order marks, surrogates, non-characters.
# Joiners (U+200C, U+200D) stay: Persian, Indic scripts and emoji are spelt with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_SPACED_NEWLINE = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_UNTIDY = ("  ", " \n", "\n ", "\n\n\n")


def clean(text: str) -> str:
    r"""Clean a text; cleaning the result again changes nothing, whatever the string.

    Entities are decoded as often as they were encoded, and only when they are complete (`&copy;`, not `&copy=1`).

    Example:
        >>> clean("cafe\u0301 &amp;amp; bar\r\n\r\n\r\n\tR\x00&D")
        'café & bar\n\nR&D'
    """
    while (cleaned := _once(text)) != text:
        text = cleaned
    return text


def _once(text: str) -> str:
    text = text.strip()
    if _is_tidy(text):
        return unicodedata.normalize("NFC", text)
    text = _ENTITY.sub(_character, text)
    text = _INVISIBLE.sub("", _NEWLINE.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    text = _SPACED_NEWLINE.sub("\n", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _character(entity: re.Match[str]) -> str:
    """What a complete entity stands for; an unknown name stays as it was written."""
    written = entity.group()
    return html.unescape(written) if written[1] == "#" else html5.get(written[1:], written)


def _is_tidy(text: str) -> bool:
    """Whether there is nothing to remove; most texts are so, and this is 50 times faster than trying."""
    return (
        text.replace("\n", "").isprintable()
        and not any(mark in text for mark in _UNTIDY)
        and not ("&" in text and _ENTITY.search(text))
    )
