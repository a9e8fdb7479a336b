"""Blocks and the elements around them -> a matrix of features, a row a block. Pure.

All columns are computed over the whole page at once, and what several groups of columns ask in the
same way in one go: numpy takes 1 us a call, and a page has a mere 200 blocks. A subtree is a
contiguous range of blocks, so that a sum over an element is the difference of two running sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scraper.clean import dom, titled
from scraper.clean.dom import Element, RawBlock
from scraper.clean.measured import Column, Measured
from scraper.clean.metadata import Metadata
from scraper.clean.nest import BITS, Nest, bit_columns, whole

Slab = npt.NDArray[np.number]  # groups x columns x rows

SHARES = np.array([[0.5], [0.75], [0.9]])  # of the text: the innermost element that holds as much
STEPS = (-2, -1, 1, 2)
REACH = 2  # of STEPS
FAR = 99  # blocks


def named(groups: str, columns: str) -> list[str]:
    """The names of columns that each group has."""
    return [column.replace("*", group) for group in groups.split() for column in columns.split()]


AROUND = named(
    "home up1 up2 up3",
    "*_share *_told_share *_told *_told_part *_links *_blocks *_headings *_stops *_mean *_part"
    " *_alike *_place",
)
TWINS = named(
    "sibling cousin shape deep",
    "*_many *_share *_told_share *_mean *_links *_gap *_digits *_stopped",
)
CORES = named("0.5 0.75 0.9", "core* core*_place core*_depth")
BESIDE = named("-2 -1 +1 +2", "size* links* told* heading* same* stopped*")
MEANT = named("near around", " ".join(f"*_{bit}" for bit in BITS))


class Columns(Measured):
    """The features of one page: what is measured of its blocks, beside what is around them."""

    def __init__(
        self, blocks: Sequence[RawBlock], elements: Sequence[Element], meta: Metadata
    ) -> None:
        super().__init__(blocks)
        self.names: list[str] = []
        self.slabs: list[Slab | Sequence[Column]] = []
        self.nest = Nest(elements, blocks)
        self.put(self.said)
        self.form()
        self.containers()
        self.twins()
        self.story()
        self.cores()
        self.put(titled.columns(self, meta))
        self.neighbours()
        self.reach()
        self.page(meta)
        self.meanings()

    def put(self, columns: Mapping[str, Column]) -> None:
        """Adds columns by their names."""
        self.names += columns
        self.slabs.append(list(columns.values()))

    def form(self) -> None:
        """What element each block stands in."""
        nest = self.nest
        home = nest.home
        above = nest.parent[home]
        above2 = nest.parent[above]
        self.up = np.stack((home, above, above2, nest.parent[above2]))  # one to three steps
        self.put({
            "kind": self.kind, "level": self.level, "hidden": ~self.seen,
            "joined": whole([b.joined for b in self.blocks]),
            "images": whole([b.images for b in self.blocks]),
            "home_images": nest.images[home], "above_images": nest.images[above],
            "depth": nest.depth[home],
            "tag": nest.name[nest.owner], "home_tag": nest.name[home],
            "above_tag": nest.name[above],
        })  # fmt: skip

    def containers(self) -> None:
        """What the elements around each block hold: one, two and three steps up."""
        nest = self.nest
        running = np.zeros((6, self.count + 1))
        held = np.stack(
            (self.size, self.told_size, self.told, self.linked, self.heading, self.stops)
        )
        np.cumsum(held, axis=1, out=running[:, 1:])
        sums = running.take(nest.end, axis=1) - running.take(nest.start, axis=1)
        held_size, self.held_told, told, linked, headings, stops = sums
        size = np.maximum(held_size, 1)
        links = linked / size
        self.unlinked = 1 - links
        blocks = nest.blocks.astype(np.float64)
        of_elements = np.stack((
            size / self.total, self.held_told / self.page_told, told, self.held_told / size, links,
            blocks, headings, stops / size, size / blocks, size, nest.alike, nest.start,
        ))  # fmt: skip
        found = of_elements.take(self.up, axis=1)
        found[9] = self.size / found[9]
        found[11] = (self.place - found[11]) / found[5]
        self.names += AROUND
        self.slabs.append(found.swapaxes(0, 1))

    def twins(self) -> None:
        """What the blocks with the same parent, and those with the same tags and classes, hold."""
        _, above, above2, _ = self.up
        home_tag, above_tag, above2_tag = self.nest.tag[self.up[:3]]
        shape = np.unique(home_tag * self.nest.tags + above_tag, return_inverse=True)[1]
        deep = np.unique(shape * self.nest.tags + above2_tag, return_inverse=True)[1]
        elements = len(self.nest.parent)
        first_deep = 2 * elements + self.count
        group = np.concatenate((above, above2 + elements, shape + 2 * elements, deep + first_deep))
        many = np.bincount(group)
        columns = (self.size, self.tells * self.size, self.linked, self.digits, self.stopped)
        size, told, linked, digits, stopped = (
            np.bincount(group, np.concatenate((column,) * 4)) for column in columns
        )
        place = np.concatenate((self.place,) * 4)
        first, last = np.zeros_like(many), np.zeros_like(many)
        last[group] = place  # of what is set twice the later one stays
        first[group[::-1]] = place[::-1]
        least = np.maximum(many, 1)
        of_groups = np.stack((
            many, size / self.total, told / self.page_told, size / least,
            linked / np.maximum(size, 1), (last - first) / np.maximum(many - 1, 1), digits / least,
            stopped / least,
        ))  # fmt: skip
        found = of_groups.take(group.reshape(4, -1), axis=1)
        self.names += TWINS
        self.slabs.append(found.swapaxes(0, 1))

    def story(self) -> None:
        """Where the text is densest, as readability scores it."""
        nest, place = self.nest, self.place
        _, above, above2, _ = self.up
        worth = (1 + self.commas + np.minimum(self.size / 100, 3)) * (1 - self.links)
        worth *= (self.size >= 25) & self.seen & ~self.heading
        count = len(nest.parent)
        score = np.bincount(above, worth, count) + np.bincount(above2, worth / 2, count)
        score *= self.unlinked
        top = int(score.argmax())
        best = max(float(score[top]), 1e-9)
        start, end = nest.start[top], nest.end[top]
        self.put({
            "up1_score": score[above] / best, "up2_score": score[above2] / best,
            "in_top": (place >= start) & (place < end),
            "from_top": (place - start) / self.count, "to_end": (end - place) / self.count,
            "top_share": float(self.held_told[top] / self.page_told),
        })  # fmt: skip

    def cores(self) -> None:
        """Where each block stands in the innermost elements that hold most of the paragraphs."""
        nest, place = self.nest, self.place
        told = self.held_told
        core = np.zeros((3, 1), dtype=np.intp)
        if told[0]:
            # the innermost element is the last of those that hold as much
            core[:, 0] = len(told) - 1 - (told[::-1] >= SHARES * told[0]).argmax(axis=1)
        start, end = nest.start[core], nest.end[core]
        inside = (place >= start) & (place < end)
        found = np.empty((3, 3, self.count))
        found[:, 0] = inside
        found[:, 1] = np.where(inside, (place - start) / (end - start), -1.0)
        found[:, 2] = nest.depth[self.up[0]] - nest.depth[core]
        self.names += CORES
        self.slabs.append(found)

    def neighbours(self) -> None:
        """What stands before and after each block; the ends of a page are their own neighbours."""
        count = self.count
        beside = np.empty((6, count + 2 * REACH))
        inner = slice(REACH, count + REACH)
        columns = (self.size, self.links, self.told, self.heading, self.up[1], self.stopped)
        for row, column in zip(beside, columns, strict=True):
            row[inner] = column
        beside[:, :REACH] = beside[:, REACH : REACH + 1]
        beside[:, count + REACH :] = beside[:, count + REACH - 1 : count + REACH]
        found = np.stack([beside[:, REACH + step : REACH + step + count] for step in STEPS])
        found[:, 4] = found[:, 4] == self.up[1]
        self.names += BESIDE
        self.slabs.append(found)

    def reach(self) -> None:
        """How far the paragraphs before and after each block are, and how much they say."""
        place, count, told, above = self.place, self.count, self.told, self.up[1]
        before, after = np.full(count, -FAR), np.full(count, count + FAR)
        np.maximum.accumulate(np.where(told, place, -FAR)[:-1], out=before[1:])
        following = np.where(told, place, count + FAR)
        np.minimum.accumulate(following[:0:-1], out=after[-2::-1])
        running = np.zeros(count + 1)
        np.cumsum(self.told_size, out=running[1:])
        around = {}
        for reach in (3, 8):
            low, high = np.maximum(place - reach, 0), np.minimum(place + reach + 1, count)
            around[f"told_around{reach}"] = running[high] - running[low]
        self.put(around)
        self.put({
            "told_before": np.minimum(place - before, FAR),
            "told_after": np.minimum(after - place, FAR),
            "same_before": above[np.maximum(before, 0)] == above,
            "same_after": above[np.minimum(after, count - 1)] == above,
            "told_above": running[:-1] / self.page_told,
            "told_size_above": running[:-1], "told_size_below": running[-1] - running[1:],
        })  # fmt: skip

    def page(self, meta: Metadata) -> None:
        """What holds for the whole page."""
        many = float(self.tells.sum())
        self.put({
            "page_size": self.total, "page_blocks": float(self.count), "page_told": many,
            "page_told_part": self.page_told / self.total,
            "page_links": float(self.linked.sum() / self.total),
            "page_cjk": self.cjk, "page_article": float(meta.is_article),
            "page_mean": self.page_told / max(many, 1.0),
        })  # fmt: skip

    def meanings(self) -> None:
        """The groups of class words and the tags, near each block and anywhere around it."""
        nest = self.nest
        owner, above = nest.owner, self.up[1]
        near = nest.near()
        bits = np.concatenate((near[owner] | near[above], nest.around()[owner]))
        found = bit_columns(bits)
        self.names += MEANT
        self.slabs.append(found.reshape(len(BITS), 2, -1).swapaxes(0, 1))

    def matrix(self) -> npt.NDArray[np.float32]:
        """A row a block, a column a feature, in the order of `names`; each column contiguous."""
        found = np.empty((len(self.names), self.count), dtype=np.float32)
        at = 0
        for slab in self.slabs:
            if isinstance(slab, np.ndarray):
                groups, columns, _ = slab.shape
                end = at + groups * columns
                found[at:end].reshape(slab.shape)[:] = slab
            else:
                end = at + len(slab)
                for number, column in enumerate(slab, at):
                    found[number] = column
            at = end
        return found.T


def matrix(
    blocks: Sequence[RawBlock], elements: Sequence[Element], meta: Metadata
) -> npt.NDArray[np.float32]:
    """A row for each of `blocks`, a column for each of `names()`. There must be a block.

    Its columns are contiguous: the transpose is what the scorer reads.
    """
    return Columns(blocks, elements, meta).matrix()


def names() -> list[str]:
    """The names of the columns of a matrix."""
    walk = dom.walk(dom.parse("<p>a</p>"))
    return Columns(walk.found, walk.elements, Metadata()).names
