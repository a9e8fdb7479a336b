"""A rule's pattern -> what a text begins with, and what it holds, if the pattern matches. Pure.

Both are read from the pattern's syntax tree, so that a rule stays one regular expression: the
openings of `^(?:the )?comments?$` are `the comm` and `comments`, say. A text that passes such a
gate may match or not; one that doesn't pass never matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from re import _parser  # type: ignore[attr-defined]  # Python has no public one
from typing import Any, TypeAlias

END = "\0"  # stands for the end of a text; no text of a page holds it
DEPTHS = (8, 6, 4, 3, 2, 1)  # characters of an opening
MANY = 500  # openings of one pattern
FEW = 10  # characters: a larger set is no need
# What IGNORECASE holds equal but str.lower() keeps apart; and digits: `\d` is one character then.
ALIKE = (("i̇", "i"), ("ı", "i"), ("ς", "σ"))
DIGITS = "123456789"
DIGIT = re.compile(r"[^\x00-\x7f\D]")
# The share of a page's short texts that hold a character, or a word of two and of more letters
COMMON = {**dict.fromkeys(" .,0", 0.5), "-": 0.12}
SHARES = (0.04, 0.3, 0.03)
TEXTS = 200  # a page
FIND, FIND_WORD, TRY = 0.4, 2.5, 0.7  # µs: finding a character or a word on a page; trying a rule

Tree = Iterable[tuple[Any, Any]]
# What a text must hold, all of it: literals, and lists of which one part is enough.
Wanted: TypeAlias = "list[str | list[str | Wanted]]"


class OpenError(Exception):
    """A match may begin with anything, or with too much."""


def plain(text: str) -> str:
    """`text` lowered; letters that a pattern holds equal are made equal, each digit is 0."""
    text = text.lower()
    for digit in DIGITS:
        text = text.replace(digit, "0")
    if not text.isascii():
        for one, other in ALIKE:
            text = text.replace(one, other)
        text = DIGIT.sub("0", text)
    return text


def parsed(pattern: str) -> Tree:
    """The syntax tree of a pattern that ignores case."""
    tree: Tree = _parser.parse(pattern, re.IGNORECASE)
    return tree


def openings(
    tree: Tree, alike: Callable[[str], str] = plain, depths: Iterable[int] = DEPTHS
) -> tuple[str, ...]:
    """What a text begins with if `tree` matches at its start; none if that may be anything.

    The text is one that `alike` has made; an opening has END where the text ends. `depths` are the
    lengths of an opening, in characters, to be tried: the first at which they are few counts.
    """
    for depth in depths:
        try:
            grown, cut = Grower(depth, alike).grow({""}, tree)
        except OpenError:
            continue
        found = sorted(grown | cut)
        return tuple(f for f in found if not any(f[:n] in cut for n in range(1, len(f))))
    return ()


class Grower:
    """Makes openings longer, element of a tree by element. Raises OpenError if they get many."""

    def __init__(self, depth: int, alike: Callable[[str], str]) -> None:
        self.depth = depth
        self.alike = alike

    def grow(self, grown: set[str], tree: Tree) -> tuple[set[str], set[str]]:
        """`grown` with what `tree` adds: those that may go on, and those that are done."""
        done: set[str] = set()
        for op, value in tree:
            if not grown:
                break
            grown, more = self.step(grown, str(op), value)
            done |= more
            if len(grown) + len(done) > MANY or "" in done:
                raise OpenError
        return grown, done

    def step(self, grown: set[str], op: str, value: Any) -> tuple[set[str], set[str]]:
        """`grown` with what one element of a tree adds."""
        if op == "AT" and str(value).startswith("AT_END"):
            return set(), {g + END for g in grown}
        if op in ("AT", "ASSERT", "ASSERT_NOT"):  # these take no room
            return grown, set()
        if op == "SUBPATTERN":
            return self.grow(grown, value[3])
        if op == "BRANCH":
            parts = [self.grow(grown, part) for part in value[1]]
            return set().union(*(p[0] for p in parts)), set().union(*(p[1] for p in parts))
        if op in ("MAX_REPEAT", "MIN_REPEAT"):
            return self.repeat(grown, *value)
        found = characters(op, value, self.alike)
        if not found:
            return set(), grown
        longer = {g + c for g in grown for c in found}
        done = {g for g in longer if len(g) >= self.depth}
        return longer - done, done

    def repeat(
        self, grown: set[str], least: int, most: int, tree: Tree
    ) -> tuple[set[str], set[str]]:
        """`grown` with what `tree` adds when it stands there `least` to `most` times."""
        found: set[str] = set() if least else set(grown)
        done: set[str] = set()
        for times in range(1, min(most, self.depth) + 1):
            grown, more = self.grow(grown, tree)
            done |= more
            if times >= least:
                found |= grown
            if not grown:
                break
        return found, done


def characters(op: str, value: Any, alike: Callable[[str], str] = plain) -> set[str]:
    """The characters that one element of a tree stands for, made `alike`; none if many."""
    if op == "LITERAL":
        return set(alike(chr(value)))
    found = ""
    for kind, what in value if op == "IN" else ():
        if str(kind) == "LITERAL":
            found += chr(what)
        elif str(kind) == "RANGE" and what[1] - what[0] < 64:
            found += "".join(map(chr, range(what[0], what[1] + 1)))
        elif str(what) == "CATEGORY_DIGIT":
            found += f"0{DIGITS}"
        else:
            return set()
    return set(alike(found))


def anchored(tree: Tree) -> bool:
    """Whether a match of `tree` can only stand at the start of a text."""
    for op, value in tree:
        if str(op) == "AT":
            return str(value) == "AT_BEGINNING"
        if str(op) == "SUBPATTERN":
            return anchored(value[3])
        return str(op) == "BRANCH" and all(map(anchored, value[1]))
    return False


def holds(low: str, all_of: Wanted) -> bool:
    """Whether a plain text holds all that is wanted."""
    for item in all_of:
        if isinstance(item, str):
            if item not in low:
                return False
        elif not any(p in low if isinstance(p, str) else holds(low, p) for p in item):
            return False
    return True


def needs(all_of: Wanted) -> tuple[str, ...]:
    """Literals of which a text that holds `all_of` holds one; none if that may hold anything."""
    return tuple(sorted(min(map(words, all_of), key=cost, default=())))


def words(item: str | list[str | Wanted]) -> frozenset[str]:
    """The literals of which one must be there for one thing that is wanted, the cheapest such."""
    if isinstance(item, str):
        return frozenset({item})
    parts = (min(map(words, part), key=cost) if isinstance(part, list) else {part} for part in item)
    whole = frozenset[str]().union(*parts)
    return frozenset(w for w in whole if not any(v in w for v in whole - {w}))


def wanted(tree: Tree) -> Wanted:
    """What a text that `tree` matches holds, what is rarest first."""
    found: Wanted = []
    run = ""
    for op, value in (*tree, ("END", None)):
        literal, goes_on = fixed(str(op), value)
        run += literal
        if goes_on:
            continue
        found += [run] if run else []
        run = ""
        if not literal:
            found += varied(str(op), value)
    unique = [item for n, item in enumerate(found) if item not in found[:n]]
    return sorted(unique, key=lambda item: cost(words(item)))


def fixed(op: str, value: Any) -> tuple[str, bool]:
    """The literal that one element of a tree begins with, and whether that is all of it."""
    if op in ("MAX_REPEAT", "MIN_REPEAT") and len(value[2]) == 1:
        literal, goes_on = fixed(str(value[2][0][0]), value[2][0][1])
        return literal * value[0], goes_on and value[0] == value[1]
    found = characters(op, value)
    return (found.pop(), True) if len(found) == 1 else ("", False)


def varied(op: str, value: Any) -> Wanted:
    """What is wanted by one element of a tree that is no literal."""
    if op == "SUBPATTERN":
        return wanted(value[3])
    if op in ("MAX_REPEAT", "MIN_REPEAT") and value[0]:
        return wanted(value[2])
    parts: list[str | Wanted] = []
    if op == "BRANCH":
        every = [wanted(part) for part in value[1]]
        if not all(every):
            return []
        parts = [w[0] if len(w) == 1 and isinstance(w[0], str) else w for w in every]
    elif len(found := characters(op, value)) <= FEW:
        parts = sorted(found)
    parts = [part for n, part in enumerate(parts) if part not in parts[:n]]
    return [parts] if parts else []


def cost(words: frozenset[str]) -> float:
    """Microseconds a page that it takes to find `words` and to try the rule where one stands."""
    found = 0.0
    for word in sorted(words):  # the sum of floats hangs on the order
        share = SHARES[min(len(word), 3) - 1]
        if len(word) == 1:
            share = COMMON.get(word, 0.8 if word.isalnum() and word.isascii() else share)
        found += (FIND if len(word) == 1 else FIND_WORD) + share * TEXTS * TRY
    return found
