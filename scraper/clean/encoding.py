"""Bytes, Content-Type -> text, decoded as browsers do it. Pure."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What a label means to browsers where Python's codec of that name is narrower (WHATWG Encoding,
# 4.2: iso-8859-1 and us-ascii are windows-1252, gb2312 is gbk, which decodes as gb18030, …).
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
# The encodings of the web platform (WHATWG Encoding, 4.2) by Python's names for them.
WEB = frozenset(
    "utf-8 utf-16-le utf-16-be cp866 cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257"
    " cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10"
    " iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic gb18030"
    " big5hkscs euc_jp iso2022_jp cp932 cp949".split()
)
# What pages that say nothing turn out to be in.
GUESSED = "cp1251 koi8_r cp1253 cp1255 cp1256 gb18030 big5 euc_jp cp932 euc_kr cp874 cp1252".split()
# In a meta tag UTF-16 can't be true, for the tag was read as ASCII (HTML, 13.2.3.2).
NOT_IN_META = ("utf-16", "utf-16-le", "utf-16-be")

META = re.compile(
    rb"""<meta\b[^>]{0,1000}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE
)
HEADER = re.compile(r"""charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE)
# The prescan of HTML 13.2.3.2 reads 1,024 bytes; Chromium goes on to the end of <head>, and 240 of
# 2,497 labelled pages say their charset later than byte 1,024.
PRESCAN = 8192
SURROGATE = re.compile("[\ud800-\udfff]")
ASCII = bytes(range(128))
# The declared encodings in which a text of ASCII bytes means something else (WHATWG Encoding, 4.2).
NOT_ASCII = ("iso2022_jp", "utf-16-le", "utf-16-be")


def decode(body: bytes, content_type: str = "") -> str:
    """The text of `body`: BOM, UTF-8 if it is valid, HTTP charset, meta charset, a detector.

    Browsers ask for the charset first (HTML, 13.2.3.2). But of 2,497 labelled pages 8 name another
    one and are valid UTF-8, all 8 truly UTF-8. A declared encoding that gets more than one
    character in a hundred wrong gives way to the detector. The result holds no NUL and no
    surrogates.
    """
    for bom, name in BOMS:
        if body.startswith(bom):
            return tidy(body[len(bom) :].decode(name, "replace"))
    declared = declared_encoding(body, content_type) if body.isascii() else ""
    if declared not in NOT_ASCII:
        try:
            # no valid UTF-8 holds a surrogate, and NUL is found faster in bytes than in text
            return (body.replace(b"\0", b"") if b"\0" in body else body).decode("utf-8")
        except UnicodeDecodeError:
            declared = declared_encoding(body, content_type)
    if declared:
        text = body.decode(declared, "replace")
        if text.count("\ufffd") * 100 <= max(100, len(text)):
            return tidy(text)
    return tidy(body.decode(detected(body), "replace"))


def declared_encoding(body: bytes, content_type: str) -> str:
    """The codec that the header, else the page itself, names; "" when neither names one."""
    found = HEADER.search(content_type)
    if found and (name := codec(found[1])):
        return name
    meta = META.search(body[:PRESCAN])
    if meta and (name := codec(meta[1].decode("ascii"))):
        return "utf-8" if name in NOT_IN_META else name
    return ""


def codec(label: str) -> str:
    """The Python codec for an encoding label as browsers read it; "" for one that they don't."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return ""
    name = WIDER.get(name, name)
    return name if name in WEB else ""


def detected(body: bytes) -> str:
    """The codec that fits `body` best; windows-1252 when nothing does, as in browsers."""
    foreign = len(body[:65_536].translate(None, ASCII))
    # Latin text has an accent in ten letters; other scripts are made of bytes beyond ASCII
    if foreign * 7 < max(40, min(len(body), 65_536)):
        return "cp1252"
    # 64 kB decide as well as the whole page, at a tenth of the time
    best = from_bytes(body[:65_536], steps=5, chunk_size=1024, cp_isolation=GUESSED).best()
    return codec(best.encoding) if best else "cp1252"


def tidy(text: str) -> str:
    """`text` without what no parser and no database can take."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()  # five times as fast as a search for surrogates
    except UnicodeEncodeError:
        return SURROGATE.sub("\ufffd", text)
    return text
