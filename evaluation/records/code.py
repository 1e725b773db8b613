"""What a record was made with: the commit, the code of env, policy and evaluation, and packages.

The code of a side is every file that its modules import, found by reading the sources, so that
nothing is imported and what does not matter to a run (a README, another env, the trainer) does not
count. Comments, docstrings and layout do not count either: a Python file is hashed as its syntax
tree. Data files beside the modules (JSON, meshes, templates) count by their bytes.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import longhaul
from longhaul.files import file_hash
from longhaul.plugins import folders

OURS = "longhaul"

EVALUATION_MODULES = tuple(
    f"longhaul.evaluation.loop.{name}"
    for name in ("actions", "buffers", "protocol", "rollout", "worker", "workers")
)
"""The modules of the rollout loop that decide what a policy sees and what is done with its actions.
Metrics are not among them: they are computed again from all records."""

FOLLOWED = ("demos", "envs", "language", "policies", "webagents")
"""Longhaul's packages whose modules can change what an episode comes to. A dataset that navgen
generates has its hash in the identity, configurations stand there as values, and the modules of
`longhaul` itself read documents and word errors."""

NOT_FOLLOWED = "longhaul.policies.training"
"""The package in one of them that only training needs."""

DYNAMIC_MARKS = ("import_module(", "__path__")
"""What a module that imports others by computed names has in its source; the whole folder of such a
module counts."""

NOT_DATA = frozenset({".py", ".pyc", ".pyi", ".md", ".safetensors", ".partial"})
WEIGHTS_FOLDER = "weights"
"""Endings of files, and the name of a folder, that are no data of a package: the weights in use
have their hash in the identity."""

MOST_DATA = 2**22
"""The size in bytes up to which a data file is read; a larger one is taken to be weights."""

DISTRIBUTIONS = {"PIL": "pillow", "skimage": "scikit-image", "skfmm": "scikit-fmm"}
"""The names of distributions whose modules have another name."""

BESIDE = {"transformers": ("tokenizers", "safetensors"), "torch": ("torchvision",)}
"""Distributions that compute results behind one that is imported."""

NOT_NUMERICAL = frozenset({"hydra", "longhaul", "omegaconf", "rich", "typing_extensions", "wandb"})
"""Imported packages that compute no result."""

DIGITS = 16
"""Hexadecimal digits of a file's hash."""

Files = dict[str, str]
"""Hashes of files by their paths, from the folder that holds the top-level package."""


@dataclass(frozen=True)
class Made:
    """What a session makes its records with.

    `code` has the hashes of files by side (env, policy, evaluation), `packages` the versions of
    Python and of those packages that the code imports.
    """

    commit: str | None
    dirty: bool
    code: Mapping[str, Files]
    packages: Mapping[str, str]

    @property
    def code_hash(self) -> str:
        return _short(self.code)

    @property
    def packages_hash(self) -> str:
        return _short(self.packages)

    def mark(self) -> dict[str, Any]:
        """Return what stands in each record; provenance.json has the lists behind the hashes."""
        commit = {"commit": self.commit, "dirty": self.dirty}
        return {**commit, "code": self.code_hash, "packages": self.packages_hash}


def made_with(
    git: Mapping[str, Any] | None,
    env: Iterable[str],
    policy: Iterable[str],
    versions: Mapping[str, str] | None = None,
) -> Made:
    """Return what records are made with whose env and policy are defined in these modules.

    A name may go on after the module's (`module.Class`). `git` is the state of Longhaul's checkout,
    None without one, and `versions` are those of programs that compute beside the packages. A
    module without a source file, such as one of a notebook, has no files.
    """
    roots = {"env": tuple(env), "policy": tuple(policy), "evaluation": EVALUATION_MODULES}
    tops = {name.partition(".")[0] for names in roots.values() for name in names} | {OURS}
    code: dict[str, Files] = {}
    imported: set[str] = set()
    for side, names in roots.items():
        read = _Reader(tops, follows=side != "evaluation")
        read.add(names)
        code[side] = {path: read.files[path] for path in sorted(read.files)}
        imported |= read.imported
    git = git or {}
    commit, dirty = git.get("commit"), bool(git.get("dirty"))
    return Made(commit, dirty, code, {**_versions(imported), **(versions or {})})


def policy_modules(options: Any, policy: object) -> list[str]:
    """Return the names of a policy's classes: its own, and each `_target_` of its options."""
    kind = type(policy)
    return [f"{kind.__module__}.{kind.__qualname__}", *_targets(options)]


def changes(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Files]
) -> dict[str, list[str]]:
    """Return the files of each side that differ, are new or are gone; a side without any is left
    out."""
    found = {}
    for side in sorted(before.keys() | now.keys()):
        one, other = before.get(side, {}), now.get(side, {})
        paths = sorted(p for p in one.keys() | other.keys() if one.get(p) != other.get(p))
        if paths:
            found[side] = paths
    return found


def version_changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return `package old -> new` for each version that differs."""
    return [
        f"{name} {before.get(name, 'none')} -> {now.get(name, 'none')}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


class _Reader:
    """Reads the files behind modules and, where it `follows`, behind what they import of `tops`,
    of Longhaul and of plugin folders."""

    def __init__(self, tops: Iterable[str], follows: bool) -> None:
        self.files: Files = {}
        self.imported: set[str] = set()
        self._follows = follows
        self._tops = set(tops)
        for folder in (*folders(), *_beside(tops)):
            self._tops |= {entry.stem for entry in folder.iterdir() if entry.name[0] != "."}
        self._todo: list[str] = []
        self._seen: set[str] = set()
        self._folders: set[Path] = set()

    def add(self, names: Iterable[str]) -> None:
        """Read the modules that hold these names, and what they import."""
        self._todo += names
        while self._todo:
            name = self._todo.pop()
            if name in self._seen:
                continue
            self._seen.add(name)
            top = name.partition(".")[0]
            if top not in self._tops:
                self.imported.add(top)
                continue
            found = _module(name)
            if found is not None:
                self._read(*found)

    def _read(self, module: str, path: Path, root: Path) -> None:
        shown = _shown(path, root)
        if shown in self.files:
            return
        content = path.read_bytes()
        digest, names, dynamic = _syntax(content, module, path.name == "__init__.py")
        self.files[shown] = digest
        if not self._follows:
            return
        self._todo += [name for name in names if not _left_out(name)]
        package, _, _ = module.rpartition(".")
        if package and not _left_out(package):
            self._todo.append(package)  # whose __init__ is imported too
            self._add_data(path.parent, root)
        if dynamic:
            inside = module if path.name == "__init__.py" else package
            self._todo += [f"{inside}.{file.stem}" for file in path.parent.glob("*.py")]

    def _add_data(self, folder: Path, root: Path) -> None:
        """Add the data files of a module's folder, and of its folders that hold no modules."""
        if folder in self._folders or folder == root:
            return
        self._folders.add(folder)
        for entry in sorted(folder.iterdir()):
            if entry.name[0] in "._" or entry.name == WEIGHTS_FOLDER:
                continue
            if entry.is_dir():
                if not any(entry.rglob("*.py")):
                    self._add_data(entry, root)
            elif entry.suffix not in NOT_DATA and entry.is_file():
                self.files[_shown(entry, root)] = _data_hash(entry)


def _shown(path: Path, root: Path) -> str:
    """Return how a file is named: Longhaul's own as in its checkout."""
    return str(path.relative_to(root)).removeprefix(f"{OURS}/")


def _data_hash(path: Path) -> str:
    """Return the hash of a data file's bytes; of a file larger than MOST_DATA, that of its size."""
    size = path.stat().st_size
    if size > MOST_DATA:
        return hashlib.sha256(str(size).encode()).hexdigest()[:DIGITS]
    return file_hash(path)[:DIGITS]


def _left_out(name: str) -> bool:
    """True for a module of Longhaul that is in none of the packages FOLLOWED."""
    if name.partition(".")[0] != OURS:
        return False
    package = name.split(".")[1] if "." in name else ""
    return package not in FOLLOWED or f"{name}.".startswith(f"{NOT_FOLLOWED}.")


@lru_cache(maxsize=1024)
def _syntax(content: bytes, module: str, is_package: bool) -> tuple[str, tuple[str, ...], bool]:
    """Return the hash of a Python file's syntax tree without docstrings, the names of what it
    imports, and whether it imports by computed names.

    What is no Python of this version is hashed by its bytes.
    """
    dynamic = any(mark.encode() in content for mark in DYNAMIC_MARKS)
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return hashlib.sha256(content).hexdigest()[:DIGITS], (), dynamic
    imports: list[str] = []
    for block in _blocks(tree):
        block[:] = [statement for statement in block if not _is_text(statement)]
        for statement in block:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                imports += _imported(statement, module, is_package)
    digest = hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:DIGITS]
    return digest, tuple(imports), dynamic


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements in a syntax tree."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):  # not the expression of a lambda
            yield block
            for statement in block:
                yield from _blocks(statement)
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from _blocks(part)


def _is_text(node: ast.AST) -> bool:
    """True for a string that stands alone, as a docstring does."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _imported(node: ast.Import | ast.ImportFrom, module: str, is_package: bool) -> list[str]:
    """Return the full names of what a statement in a module imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    source = node.module or ""
    if node.level:
        above = module.split(".")
        above = above[: len(above) + is_package - node.level]
        source = ".".join([*above, *([source] if source else [])])
    return [f"{source}.{alias.name}" for alias in node.names]


def _module(name: str) -> tuple[str, Path, Path] | None:
    """Return the module that a name belongs to, its file, and the folder of its top-level package;
    None if there is no source file."""
    top, *rest = name.split(".")
    place = _place(top)
    if place is None:
        return None
    if place.is_file():
        return top, place, place.parent
    for length in range(len(rest), -1, -1):
        path = place.joinpath(*rest[:length])
        files = [path / "__init__.py", *([path.with_name(f"{path.name}.py")] if length else [])]
        for file in files:
            if file.is_file():
                return ".".join([top, *rest[:length]]), file, place.parent
    return None


def _place(top: str) -> Path | None:
    """Return the folder of a top-level package, or the file of a module; None without a source."""
    if top == OURS:
        return Path(longhaul.__file__).parent
    if top == "__main__":
        file = getattr(sys.modules["__main__"], "__file__", None)
        return Path(file).resolve() if file else None
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin and spec.origin.endswith(".py") else None


def _beside(tops: Iterable[str]) -> Iterator[Path]:
    """Yield the folders of scripts and single modules, whose neighbors they may import."""
    for top in tops:
        place = _place(top)
        if place is not None and place.is_file() and "site-packages" not in place.parts:
            yield place.parent


def _versions(imported: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python and of the distributions behind imported modules."""
    names = set(imported) - NOT_NUMERICAL - sys.stdlib_module_names
    names |= {name for top in names for name in BESIDE.get(top, ())}
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in sorted(names):
        with suppress(metadata.PackageNotFoundError, ValueError):
            distribution = DISTRIBUTIONS.get(name, name)
            found[distribution] = metadata.version(distribution)
    return found


def _targets(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key == "_target_":
                yield str(value)
            else:
                yield from _targets(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _targets(value)


def _short(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]
