"""The rules of the house, read from the sources: who imports whom, who has which side effect."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import scraper
from scraper import errors

ROOT = Path(scraper.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
STAGES = ("feed", "fetch", "clean", "store")
LEAVES = ("model", "errors", "config", "urls", "clock", "fingerprint")
PURE = ("diff", "render", "retry", "rhythm", "warc")  # they know the nouns only

# effect -> where it has its home, and the names that stand for it
EFFECTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "network": (
        ("fetch/",),
        (
            "socket", "ssl", "socketserver", "httpx", "httpcore", "h2", "anyio", "requests",
            "urllib3", "aiohttp", "urllib.request", "http.client", "http.server", "ftplib",
            "asyncio.open_connection", "asyncio.start_server", "trafilatura.downloads",
            "trafilatura.fetch_url",
        ),
    ),
    "database": (("store/",), ("sqlite3", "sqlite_utils")),
    "terminal": (
        ("cli/", "__main__.py"),
        (
            "print", "input", "exit", "quit", "sys.exit", "sys.stdout", "sys.stderr", "os._exit",
            "logging.basicConfig", "click", "rich",
        ),
    ),
    "clock": (
        ("clock.py",),
        (
            "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
            "datetime.date.today", "time.time", "time.time_ns", "time.monotonic",
            "time.perf_counter", "time.localtime", "time.gmtime", "time.ctime",
        ),
    ),
}  # fmt: skip

# file, name -> why it may
EXCEPTIONS = {
    ("demo.py", "http.server"): "serves the bundled sample site on loopback",
    ("cli/__init__.py", "datetime.datetime.now"): "the age of another run's lock",
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(module: ast.Module) -> Iterator[tuple[str, str]]:
    """What everything that is imported, anywhere in a module, is called there and in full."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield (name.asname or name.name), name.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layer"
            for name in node.names:
                yield (name.asname or name.name), f"{node.module}.{name.name}"


def dotted(node: ast.AST) -> str:
    """The name `a.b.c`; of `f().c` what is left of it, ".c"."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def names(module: ast.Module) -> set[str]:
    """The full names of everything that a module imports or mentions, and all that they are in."""
    aliases = dict(imports(module))
    found = set(aliases.values())
    for node in ast.walk(module):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = dotted(node).partition(".")
            found.add(aliases.get(first, first) + dot + rest)
    return {name[:end] for name in found for end in ends(name)}


def ends(name: str) -> Iterator[int]:
    """Where the parts of a dotted name end."""
    return (match.start() for match in re.finditer(r"\.|$", name))


def uses(module: ast.Module, effect: str) -> set[str]:
    """Those names of an effect that a module imports or mentions."""
    return names(module) & set(EFFECTS[effect][1])


def part(full: str) -> str:
    """The module or package below `scraper` that an import goes to; "" for one from elsewhere."""
    match = re.fullmatch(r"scraper\.(\w+).*", full)
    return match[1] if match else ""


def parts_of(path: Path) -> set[str]:
    assert not any(full in ("scraper", "scraper.*") for _, full in imports(tree(path)))
    return {part(full) for _, full in imports(tree(path))} - {""}


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [a.arg for a in every if a and a.arg not in ("self", "cls")]


def too_wide(module: ast.Module) -> list[str]:
    """The handlers that catch everything; one that cleans up and raises again may."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            caught = set(re.findall(r"\w+", ast.unparse(node.type))) if node.type else {""}
            last = node.body[-1]
            again = isinstance(last, ast.Raise) and last.exc is None
            if caught & {"", "Exception"} or ("BaseException" in caught and not again):
                found.append(f"line {node.lineno}")
    return found


def test_every_part_is_there() -> None:
    present = {place(p).removesuffix(".py").split("/")[0] for p in FILES}
    assert present >= {*STAGES, *LEAVES, *PURE, "cli", "crawl"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_knows_only_itself_and_the_leaves(stage: str) -> None:
    files = [p for p in FILES if place(p).startswith((f"{stage}/", f"{stage}.py"))]
    assert files
    for path in files:
        assert parts_of(path) <= {stage, *LEAVES}, place(path)


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_knows_only_leaves(leaf: str) -> None:
    assert parts_of(ROOT / f"{leaf}.py") <= set(LEAVES)


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_know_only_the_nouns(name: str) -> None:
    assert parts_of(ROOT / f"{name}.py") <= {"model"}


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_side_effect_has_one_home(effect: str) -> None:
    home, _ = EFFECTS[effect]
    strays = {
        (place(path), name)
        for path in FILES
        if not place(path).startswith(home)
        for name in uses(tree(path), effect)
    }
    assert strays == {key for key in EXCEPTIONS if key[1] in EFFECTS[effect][1]}
    assert any(uses(tree(p), effect) for p in FILES if place(p).startswith(home))


def test_everything_is_caught_in_one_place_for_feeds_and_one_for_links() -> None:
    assert {place(p) for p in FILES if too_wide(tree(p))} == {"crawl.py", "visits.py"}


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_file_is_small_and_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path))
    assert len(path.read_text("utf-8").splitlines()) <= 300
    for function in functions(tree(path)):
        assert len(parameters(function)) <= 6, function.name
        assert length(function) <= 40, function.name


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    assert function.end_lineno is not None
    return function.end_lineno - first + 1


def test_the_rules_see_what_they_forbid() -> None:
    bad = ast.parse(
        "import datetime as d, sys\n"
        "from time import time as t\n"
        "from urllib import request\n"
        "import http.server\n"
        "def f(self, a, b, /, c, *d, e, **g):\n"
        "    import sqlite3.dbapi2\n"
        "    from datetime import date, datetime\n"
        "    datetime.utcnow() - date.today()\n"
        "    from scraper.store import Store\n"
        "    print(t(), d.datetime.now, file=sys.stderr)\n"
        "    try: ...\n"
        "    except (OSError, Exception): ...\n"
        "    try: ...\n"
        "    except: raise\n"
        "    try: ...\n"
        "    except BaseException: pass\n"
    )
    dates = {f"datetime.{name}" for name in ("datetime.now", "datetime.utcnow", "date.today")}
    assert uses(bad, "clock") == {*dates, "time.time"}
    assert uses(bad, "network") == {"urllib.request", "http.server"}
    assert uses(bad, "database") == {"sqlite3"}
    assert uses(bad, "terminal") == {"print", "sys.stderr"}
    assert {part(full) for _, full in imports(bad)} == {"", "store"}
    assert parameters(next(functions(bad))) == ["a", "b", "c", "d", "e", "g"]
    assert len(too_wide(bad)) == 3
    fine = ast.parse(
        "from http import HTTPStatus\n"
        "from datetime import datetime\n"
        "clock.now(); self.print(); datetime.fromisoformat('')\n"
        "try: ...\n"
        "except BaseException:\n"
        "    roll_back()\n"
        "    raise\n"
    )
    assert not any(uses(fine, effect) for effect in EFFECTS)
    assert not too_wide(fine)


def test_what_the_package_exports() -> None:
    assert sorted(scraper.__all__) == scraper.__all__
    assert len(set(scraper.__all__)) == len(scraper.__all__)
    assert [name for name in scraper.__all__ if not hasattr(scraper, name)] == []
    assert callable(scraper.clean)  # both are also the name of a module
    assert callable(scraper.crawl)


def raised() -> dict[str, type[Exception]]:
    return {
        name: thing
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, Exception)
    }


def test_the_tree_of_errors_is_as_it_is_drawn() -> None:
    drawn: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.fullmatch(r"((?:│|├──|└──| )*)([A-Z]\w+Error)\b(.*)", line):
            depth = len(match[1]) // 4
            above[depth] = match[2]
            drawn[match[2]] = above[depth - 1] if depth else "Exception"
            assert depth == 0 or match[3].strip(), "an error is told in a few words"
    assert drawn == {name: kind.__bases__[0].__name__ for name, kind in raised().items()}


def test_every_error_is_exported_and_told() -> None:
    assert set(raised()) <= set(scraper.__all__)
    assert all(kind.__doc__ for kind in raised().values())
