"""The house itself: imports go down only, nobody goes round, each message is used, each public name says what it is, no float below the tables."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from duixian.values.messages import MESSAGES

pytestmark = pytest.mark.xdist_group("structure")  # one worker: every file is parsed once
SOURCE = Path(__file__).resolve().parent.parent / "src" / "duixian"
FILES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)  # migrations are written by Django
# room -> the rooms it may import from; a module beside the rooms (pipeline, cli …) is a room of its own
FLOORS: dict[str, set[str]] = {
    "values": set(),
    "ledger": set(),
    "policy": {"values"},
    "award": {"values"},
    "plan": {"policy", "award", "values"},
    "engine": {"plan", "policy", "award", "values"},
    "pipeline": {"engine", "policy", "award", "values"},
    "tables": {"pipeline", "engine", "policy", "award", "values"},
    "twice": {"tables", "pipeline", "engine", "plan", "policy", "award", "values"},
    "population": {"tables", "pipeline", "policy", "award", "values"},
    "programme": {"twice", "pipeline", "tables", "engine", "plan", "policy", "award", "values"},
    "large": {"programme", "twice", "pipeline", "tables", "engine", "plan", "policy", "award", "values"},
    "report": {"pipeline", "tables", "engine", "policy", "award", "values"},
    "study": {"programme", "twice", "pipeline", "tables", "engine", "plan", "policy", "award", "values"},
    "web": {"programme", "tables", "policy", "ledger", "values"},
    "usage": {"web", "study", "population", "policy", "values"},
    "cli": {"usage", "web", "study", "population", "large", "report", "programme", "pipeline", "tables", "engine", "policy", "award", "values"},
    "__main__": {"cli"},
    "__init__": {"programme", "values"},
}
# imports inside a function: what is heavy or seldom needed is loaded when it is first asked for, never to hide a circle
LAZY_ROOMS = {"cli", "usage", "report", "pipeline", "programme", "__init__", "tables", "population", "study", "twice", "large", "web"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def room(name: str) -> str:
    return name.split(".")[0]


@cache
def imports(path: Path) -> list[tuple[str, bool, int]]:
    """(module of ours, inside a function, line) of every import of this package; those for type checkers only are left out."""
    found = []
    own = path.relative_to(SOURCE).parts
    for node, inside in _import_statements(tree(path), inside=False):
        targets: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level:
            base = list(own[: len(own) - node.level])
            start = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            targets = [start] if node.module else [".".join([*base, alias.name]).strip(".") for alias in node.names]
            targets += [f"{start}.{alias.name}".strip(".") for alias in node.names if (SOURCE / start.replace(".", "/") / f"{alias.name}.py").exists()]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("duixian"):
            targets = [(node.module or "").removeprefix("duixian").strip(".")]
        elif isinstance(node, ast.Import):
            targets = [alias.name.removeprefix("duixian").strip(".") for alias in node.names if alias.name.startswith("duixian")]
        found += [(target, inside, node.lineno) for target in targets if target]
    return found


def _import_statements(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.ImportFrom | ast.Import, bool]]:
    """Every import below a node, and whether it stands inside a function; statements only are gone through, an expression holds no import."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.ImportFrom, ast.Import)):
            yield child, inside
        elif isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)) and not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)):
            yield from _import_statements(child, inside=inside or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_go_down_only(path: Path) -> None:
    own = room(module(path))
    assert own in FLOORS, f"{own} is a new room: say in FLOORS what it may import from"
    above = [f"line {line}: {target}" for target, _, line in imports(path) if room(target) != own and room(target) not in FLOORS[own]]
    assert not above


def test_no_module_imports_itself_round_about() -> None:
    edges: dict[str, set[str]] = defaultdict(set)
    names = {module(path) for path in FILES}
    for path in FILES:
        edges[module(path)] |= {target for target, _, _ in imports(path) if target in names and target != module(path)}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way[way.index(name) :], name])
        if name not in done:
            for after in sorted(edges[name]):
                visit(after, (*way, name))
            done.add(name)

    for name in sorted(names):
        visit(name, ())


@pytest.mark.parametrize("path", [path for path in FILES if room(module(path)) not in LAZY_ROOMS], ids=module)
def test_below_the_door_every_import_stands_at_the_top(path: Path) -> None:
    assert [line for _, inside, line in imports(path) if inside] == []


def test_every_message_is_used() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES if not path.name.startswith("messages"))
    assert [code for code in MESSAGES if f'"{code}"' not in text] == []


def test_every_code_in_use_has_a_message() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    assert sorted(set(re.findall(r'"(D[XT]\d{3})"', text)) - set(MESSAGES)) == []


def documented(node: ast.AST) -> list[tuple[str, str | None, int]]:
    """(name, docstring, line) of the module-level functions and classes and their methods."""
    found = []
    for item in getattr(node, "body", []):
        if isinstance(item, (ast.FunctionDef, ast.ClassDef)):
            found.append((item.name, ast.get_docstring(item), item.lineno))
        if isinstance(item, ast.ClassDef):
            found += [(f"{item.name}.{name}", text, line) for name, text, line in documented(item) if not name.startswith("_")]
    return found


@pytest.mark.parametrize("path", FILES, ids=module)
def test_every_module_and_every_public_name_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "the module says nothing"
    silent = [f"{name} (line {line})" for name, text, line in documented(tree(path)) if "." not in name and not name.startswith("_") and not text]
    assert silent == []


def test_no_docstring_is_a_copy_of_another() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in FILES:
        for name, text, line in [("module", ast.get_docstring(tree(path)), 1), *documented(tree(path))]:
            if text and len(text) > 25:
                places[text].append(f"{module(path)}.{name}:{line}")
    assert {text: where for text, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize("path", [path for path in FILES if room(module(path)) in ("values", "policy", "award", "plan", "engine", "pipeline")], ids=module)
def test_no_float_below_the_tables(path: Path) -> None:
    literals = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    if module(path) == "policy.suggest":
        literals = []  # how alike two names must be to suggest one: a likeness, not a number of a policy
    floats = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Name) and node.id == "float"]
    clocks = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("today", "now")]
    chance = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.Import) and {alias.name for alias in node.names} & {"random", "time", "secrets"}]
    assert not literals and not floats, "money and rates are integers and fractions"
    assert not clocks and not chance, "days and chance are arguments"
    divisions = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and all(isinstance(side, ast.Constant) for side in (node.left, node.right))]
    assert not divisions, "int / int is a float"
