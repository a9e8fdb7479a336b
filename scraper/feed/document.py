"""Bytes -> text in which XML's forbidden characters are gone, and what its root is. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),  # no mark, but markup: XML 1.0, appendix F
    (b"\0<", "utf-16-be"),
)
# The names that pages give, as browsers read them (WHATWG Encoding Standard, 4.2).
SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Python's own text codecs: punycode took 2 s for 200 kB, and its time is quadratic.
NEVER = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}
LABEL = re.compile(r"""(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")

BLANK = re.compile(r"\s+|<\?[^>]*>|<!--.*?-->", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE\s*([\w:.-]*)[^<>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)(?=[\s>/])")
LISTS = re.compile(
    r"<(?:[\w.-]+:)?(rss|rdf|feed|urlset|sitemapindex|opml)(?=[\s>/])", re.IGNORECASE
)
LIST_ROOTS = frozenset({"rss", "rdf", "feed", "urlset", "sitemapindex", "opml"})
HTML_ROOTS = frozenset({"html", "head", "body", "title", "meta", "link", "script", "style", "div"})
JUNK = 20_000  # characters that may stand before the root: a server's warnings, mostly


@dataclass(frozen=True, slots=True)
class Document:
    """A document from its root on, the prolog (declaration, DOCTYPE, comments) cut off.

    `root` is the local name of the root element in lower case, "json" for what begins like a
    JSON object, "" for what is no markup.
    """

    text: str
    root: str
    doctype: bool


def document(body: bytes, content_type: str = "") -> Document:
    """`body` decoded and looked at; any bytes give a Document, in linear time.

    Without its prolog a document has no entities of its own: nothing to expand, nothing to fetch.
    """
    text = REFERENCE.sub(allowed, FORBIDDEN.sub("", decoded(body, content_type)))
    start, doctype = past_prolog(text)
    found = ELEMENT.match(text, start)
    root = found[1].lower() if found else ""
    if doctype == "html" and root not in LIST_ROOTS:
        root = "html"
    elif text.startswith("{", start):
        root = "json"
    elif root not in LIST_ROOTS | {"html"}:
        late = LISTS.search(text, start, start + JUNK)
        if late:
            start, root = late.start(), late[1].lower()
    return Document(text[start:], root, doctype is not None)


def decoded(body: bytes, content_type: str = "") -> str:
    """`body` as text: byte order mark, UTF-8 if it is that, HTTP charset, declaration.

    UTF-8 comes before what is declared, because text of another encoding is hardly ever valid
    UTF-8, and declarations are often wrong. What cannot be decoded becomes U+FFFD.
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace").removeprefix("\ufeff")
    head = body[:1024].decode("latin-1")
    names = [codec(label) for label in LABEL.findall(content_type)[:1] + LABEL.findall(head)[:1]]
    known = [name for name in names if name]
    first = [] if b"\x1b" in body else ["utf-8"]  # ISO-2022 texts are ASCII with escapes
    for name in first + known:
        try:
            return body.decode(name)
        except (UnicodeError, LookupError):  # LookupError: zlib and its like are no text codecs
            continue
    last = next((name for name in known if name == "utf-8"), "cp1252")
    return body.decode(last, "replace")


def codec(label: str) -> str | None:
    """The Python codec that reads what `label` names; None for an unknown or unfit one."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return None if name in NEVER else SUPERSETS.get(name, name)


def allowed(reference: re.Match[str]) -> str:
    """A numeric character reference, or "" for one to a character that XML forbids."""
    digits = (reference[1] or reference[2]).lstrip("0")
    code = int(digits or "0", 16 if reference[1] else 10) if len(digits) < 8 else 0
    return reference[0] if code < 0x110000 and not FORBIDDEN.match(chr(code)) else ""


def past_prolog(text: str) -> tuple[int, str | None]:
    """Where the root begins, and the name in the DOCTYPE (None: there is none)."""
    position, doctype = 0, None
    while True:
        found = BLANK.match(text, position)
        if found is None:
            found = DOCTYPE.match(text, position)
            if found is None:
                return position, doctype
            doctype = found[1].lower()
        position = found.end()
