"""Document -> lxml tree, as good as broken XML allows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from scraper.feed.document import Document

STRAY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")


def tree(document: Document) -> Any:
    """The root element. Recovers from broken markup; expands nothing, reads no file.

    Comments and processing instructions are left out, so every child is an element.
    """
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(escaped(document.text).encode("utf-8"), parser)
    return etree.Element(document.root) if root is None else root


def escaped(text: str) -> str:
    """`text` with its stray ampersands escaped: lxml reads `?a=1&b=2` as `?a=1=2`."""
    head, *rest = text.split("<![CDATA[")
    repaired = [STRAY.sub("&amp;", head)]
    for part in rest:
        literal, end, markup = part.partition("]]>")
        repaired.append(f"<![CDATA[{literal}{end}{STRAY.sub('&amp;', markup)}")
    return "".join(repaired)


def elements(root: Any, name: str) -> Iterator[Any]:
    """The elements with the local name `name`, in document order, in any namespace."""
    return (node for node in root.iter() if local_name(node) == name)


def local_name(node: Any) -> str:
    """The name of an element without its namespace; "" for an entity reference."""
    return str(node.tag).rpartition("}")[2] if isinstance(node.tag, str) else ""
