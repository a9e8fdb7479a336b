"""Tree -> the same tree without what is furniture beyond doubt. Edits the tree it is given."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.clean.furniture import spaced
from scraper.clean.rules import structure_reason
from scraper.model import Reason

# Only what holds prose that trafilatura could take for the story; the rest it knows itself.
FURNITURE = frozenset(
    (Reason.COOKIE_BANNER, Reason.COMMENT_DISCLAIMER, Reason.COMMENTS, Reason.NEWSLETTER)
)
SHARE = 0.3  # an element with more of the page's text than this stays, whatever its name


def prune(tree: LexborHTMLParser) -> None:
    """Takes cookie banners, comments and newsletter boxes out of `tree`."""
    body = tree.body
    if body is None:
        return
    limit = SHARE * len(body.text(separator=" "))
    doomed: dict[int, LexborNode] = {}
    total = 0
    for node in body.css("[class], [id], [role]"):
        attributes = node.attributes
        words = spaced(f"{attributes.get('class') or ''} {attributes.get('id') or ''}")
        found = structure_reason(node.tag or "", words, attributes.get("role") or "")
        if found is None or found[1] not in FURNITURE or within(node, doomed):
            continue
        if (held := len(node.text(separator=" "))) < limit:
            doomed[node.mem_id] = node
            total += held
    if total > 2 * limit:  # most of the page can't be furniture: the words mean something else here
        return
    for node in doomed.values():
        node.decompose()


def within(node: LexborNode, doomed: dict[int, LexborNode]) -> bool:
    """Whether a node stands in one that goes already: Lexbor must not free it twice."""
    parent = node.parent
    while parent is not None:
        if parent.mem_id in doomed:
            return True
        parent = parent.parent
    return False
