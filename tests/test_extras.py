"""What must be installed for what: declared where it is imported, and named where it is missing."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests import tree

PROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
NOT_INSTALLED = ("tests/", "scripts/bench/", ".")
SOURCES = [n for n in tree.files() if n.endswith(".py") and not n.startswith(NOT_INSTALLED)]
BROUGHT_BY = packages_distributions()


def canonical(name: str) -> str:
    """Return a distribution's name as PyPI compares it; versions and the like are cut off."""
    bare = re.match(r"[\w.-]+", name)
    assert bare, name
    return re.sub(r"[-_.]+", "-", bare[0]).lower()


def distributions(module: str) -> set[str]:
    """Return the distributions that may bring a module, by its name alone where none is here."""
    return {canonical(name) for name in [module, *BROUGHT_BY.get(module, [])]}


def declared(extra: str | None = None) -> set[str]:
    names = EXTRAS[extra] if extra else PROJECT["dependencies"]
    return {canonical(name) for name in names}


def parsed(name: str) -> ast.Module:
    return ast.parse((tree.ROOT / name).read_text())


def imported(name: str) -> set[str]:
    """Return the top-level names of what a file imports, at any depth."""
    found = set()
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names - {"longhaul", "scripts"}


def remedies(name: str) -> Iterator[tuple[str, str | None]]:
    """Yield (package or module, extra) of each remedy for one that is missing."""
    code = parsed(name)
    loops = {
        node.target.id: ast.literal_eval(node.iter)
        for node in ast.walk(code)
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Name)
        and isinstance(node.iter, ast.Tuple)
        and all(isinstance(value, ast.Constant) for value in node.iter.elts)
    }
    for node in ast.walk(code):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called.split(".")[-1] in ("not_installed", "optional"):
            assert isinstance(node, ast.Call)
            package, *extra = node.args
            for value in loops.get(ast.unparse(package)) or [ast.literal_eval(package)]:
                yield value.partition(".")[0], ast.literal_eval(extra[0]) if extra else None


def test_no_extra_is_empty() -> None:
    assert all(EXTRAS.values())


def test_each_remedy_brings_what_is_missing() -> None:
    found = [
        (name, *remedy)
        for name in SOURCES
        if name != "language/errors.py"  # where `optional` passes on what it is given
        for remedy in remedies(name)
    ]
    assert len(found) > 8
    for name, package, extra in found:
        assert distributions(package) & declared(extra), (name, package, extra)


def test_texts_name_extras_that_exist() -> None:
    """And never those of `longhaul` on PyPI, which is another project's."""
    for name in tree.files():
        if Path(name).suffix in (".safetensors", ".jpg", ".png") or (tree.ROOT / name).is_symlink():
            continue
        text = (tree.ROOT / name).read_text()
        assert not re.search(r"pip3? install [^\n]*\blonghaul(?!-suite)\b[\[\s\"']", text), name
        for extras in re.findall(r"(?<![\w.])\.\[([a-z]+(?:, ?[a-z]+)*)\]", text):
            assert set(re.split(", ?", extras)) <= EXTRAS.keys(), (name, extras)


def test_what_is_imported_is_declared() -> None:
    everything = declared().union(*map(declared, EXTRAS))
    missing = {
        (name, module)
        for name in SOURCES
        for module in imported(name)
        if not distributions(module) & everything
    }
    assert not missing


def test_what_the_base_brings_is_in_no_extra() -> None:
    for extra in EXTRAS:
        assert not declared(extra) & declared(), extra
