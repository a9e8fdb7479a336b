"""Blocks -> the same, each data table as one block. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import attrgetter

from scraper.clean.dom import Element, RawBlock
from scraper.model import Kind

MAX_CELL = 400  # characters: a cell over it holds text, and its table is a layout
CELLS = ("td", "th")
CAPTION, CODE = Kind.CAPTION, Kind.CODE


def whole(found: list[RawBlock], elements: Sequence[Element]) -> list[RawBlock]:
    """`found` with each data table merged into one block; layout tables stay as they are.

    Where there is one, the blocks get new positions, and the elements new starts and ends.
    """
    tables = [element for element in elements if element.is_a.name == "table"]
    outer = {up for table in tables if table.parent for up in table.parent.ancestors()}
    last = 0
    done: list[RawBlock] = []
    for table in tables:
        if table in outer or table.end - table.start < 4:  # one with tables in it is a layout's
            continue
        blocks = found[table.start : table.end]
        merged = merge(table, blocks)
        if merged is not None:
            apart = [block for block in blocks if block.kind is CAPTION]
            done += found[last : table.start]
            done += sorted([*apart, merged], key=attrgetter("position"))
            last = table.end
    if not last:
        return found
    done += found[last:]
    renumber(done, elements, len(found))
    return done


def renumber(done: list[RawBlock], elements: Sequence[Element], before: int) -> None:
    """Gives the blocks their new positions, and the elements, of `before` blocks, new ranges."""
    kept = [0] * (before + 1)
    for position, block in enumerate(done):
        kept[block.position + 1] = 1
        block.position = position
    new = list(accumulate(kept))
    for element in elements:
        element.start = new[element.start]
        element.end = new[element.end]


def merge(table: Element, blocks: Sequence[RawBlock]) -> RawBlock | None:
    """A data table as one block, a line a row, a tab between cells; None for a layout table."""
    cells = [block for block in blocks if block.kind is not CAPTION]
    rows: dict[Element, dict[Element, list[str]]] = {}
    for block in cells:
        cell = next((e for e in block.element.ancestors() if e.is_a.name in CELLS), None)
        if cell is None or cell.parent is None or len(block.text) > MAX_CELL:
            return None
        if block.kind is CODE:  # the lines of a listing, and their numbers
            return None
        rows.setdefault(cell.parent, {}).setdefault(cell, []).append(block.text)
    if len(rows) < 2 or max(map(len, rows.values())) < 2:
        return None
    if len(cells) > 1.5 * sum(map(len, rows.values())):  # cells of many blocks are a layout's
        return None
    text = "\n".join("\t".join(" ".join(cell) for cell in row.values()) for row in rows.values())
    chars = sum(block.link_chars for block in cells)
    anchors = [anchor for block in cells for anchor in block.anchors]
    done = RawBlock(text, table, anchors, chars)
    done.kind, done.level = Kind.TABLE, 0
    done.position = cells[0].position
    done.images = sum(block.images for block in cells)
    return done
