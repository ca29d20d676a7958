"""HTML and Markdown: one document per file, with its title, its date where stated, and its text as a person reads it.

Scripts, styles, menus and forms are dropped; headings, lists and tables stay, each on lines of their own.
"""

import io
import re
from typing import TYPE_CHECKING

from trivec.errors import BadInput, MissingExtra
from trivec.sources.base import Limits, Row, Rows
from trivec.sources.dates import parse_date
from trivec.sources.encodings import decoded
from trivec.sources.streams import whole

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_DROPPED = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "form",
    "button",
    "svg",
    "iframe",
    "aside",
    "footer",
    "head",
)
_LINES = ("br", "dd", "dt", "li", "tr", "caption", "figcaption", "summary", "hr")
_PARAGRAPHS = (
    *(
        "address",
        "article",
        "blockquote",
        "details",
        "div",
        "dl",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
    ),
    *("main", "ol", "p", "pre", "section", "table", "ul"),
)
_TITLES = ('meta[property="og:title"]', 'meta[name="citation_title" i]', 'meta[name="dc.title" i]')
_DATES = (
    *('meta[property="article:published_time"]', 'meta[name="citation_publication_date" i]', 'meta[name="date" i]'),
    *('meta[name="dc.date" i]', 'meta[itemprop="datePublished"]', "time[datetime]"),
)
_MAIN_SHARE = 0.3  # of all text, that an <article> or <main> has to hold to stand for the page
_LINE, _PARAGRAPH = "\x03", "\x02"  # breaks to be, while spaces are collapsed
_PROLOG = re.compile(rb"\A\s*<\?xml[^>]*\?>")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_SETTING = re.compile(r"^(title|date|author|id|source)[ \t]*:[ \t]*(.+?)[ \t]*$", re.IGNORECASE | re.MULTILINE)


def read_html(stream: io.BufferedReader, name: str) -> Rows:
    """The page as one row."""
    soup = _soup(_PROLOG.sub(b"", whole(stream, name, Limits())))
    yield Row(1, {"title": _title(soup), "date": _date(soup), "text": _text(soup)})


def read_markdown(stream: io.BufferedReader, name: str) -> Rows:
    """The file as one row; what its front matter states comes first, then its first heading."""
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise MissingExtra("markdown-it-py", "sources") from error
    text = decoded(whole(stream, name, Limits())).replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    stated = {key.lower(): value.strip("\"'") for key, value in _SETTING.findall(front.group(1))} if front else {}
    soup = _soup(MarkdownIt("commonmark").enable("table").render(text[front.end() :] if front else text).encode())
    yield Row(1, {"title": _title(soup), **stated, "text": _text(soup)})


def _soup(page: bytes) -> "BeautifulSoup":
    try:
        from bs4 import BeautifulSoup
    except ImportError as error:
        raise MissingExtra("beautifulsoup4", "sources") from error
    return BeautifulSoup(page if b"<" in page else b"<p>" + page, "lxml")


def _title(soup: "BeautifulSoup") -> str:
    stated = next((found for found in map(soup.select_one, _TITLES) if found and found.get("content")), None)
    if stated:
        return str(stated["content"]).strip()
    named = soup.select_one("title") or soup.select_one("h1")
    return " ".join(named.get_text(" ").split()) if named else ""


def _date(soup: "BeautifulSoup") -> str:
    """The first date stated that is one: pages state many things, and a wrong one must not cost the page."""
    for found in (tag for selector in _DATES if (tag := soup.select_one(selector))):
        stated = str(found.get("content") or found.get("datetime") or "")
        try:
            parse_date(stated)
        except BadInput:
            continue
        return stated
    return ""


def _text(soup: "BeautifulSoup") -> str:
    """The main part's text. The soup is used up."""
    for tag in soup.find_all(_DROPPED):
        tag.decompose()
    page = soup.body or soup
    main = max((*soup.find_all(["article", "main"]), page), key=lambda tag: _rank(tag, page))
    _break_lines(main)
    spaced = re.sub(r"\s+", " ", main.get_text())
    text = spaced.replace(_PARAGRAPH, "\n\n").replace(_LINE, "\n")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" *(?:\| *)?\n *", "\n", text)).strip(" |\n")


def _rank(tag: "Tag", page: "Tag") -> tuple[bool, int]:
    length = len(tag.get_text())
    return tag is not page and length >= _MAIN_SHARE * len(page.get_text()), length


def _break_lines(main: "Tag") -> None:
    for preformatted in main.find_all("pre"):
        for piece in preformatted.find_all(string=True):
            piece.replace_with(piece.replace("\n", _LINE))
    for cell in main.find_all(["td", "th"]):
        cell.append(" | ")
    for item in main.find_all("li"):
        item.insert(0, "- ")
    for mark, names in ((_LINE, _LINES), (_PARAGRAPH, _PARAGRAPHS)):
        for tag in main.find_all(names):
            tag.insert_before(mark)
            tag.insert_after(mark)
