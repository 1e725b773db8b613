"""House limits: short files and functions, no code from data, no stray reminders.

Prints every breach as `file:line: what` and exits with 1 if there is one. Names count as what they
stand for: after `from os import system as run`, `run` is os.system.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60
ENTRY_POINT_LINES = 60

FORBIDDEN_MODULES = frozenset(
    {
        *("pickle", "_pickle", "cPickle", "pickle5", "pickletools", "dill", "cloudpickle"),
        *("jsonpickle", "joblib", "shelve", "marshal", "imp", "runpy", "code"),
    }
)
"""Modules whose use is to make objects or code of bytes."""

FORBIDDEN_BUILTINS = frozenset({"eval", "exec", "compile", "__import__", "__builtins__"})

FORBIDDEN_NAMES = frozenset(
    {
        *(f"builtins.{name}" for name in FORBIDDEN_BUILTINS),
        *("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
        *("torch.load", "torch.serialization.load", "torch.jit.load", "torch.hub.load"),
        *(
            "shutil.unpack_archive",
            "pandas.read_pickle",
            "numpy.ndarray.dump",
            "numpy.lib.npyio.load",
        ),
        *("yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all"),
        *("yaml.unsafe_load", "yaml.unsafe_load_all", "yaml.Loader", "yaml.FullLoader"),
        *("yaml.UnsafeLoader", "yaml.CLoader", "yaml.CFullLoader", "yaml.CUnsafeLoader"),
        *("hydra.utils.instantiate", "hydra.utils.call", "hydra.utils.get_class"),
        *("hydra.utils.get_method", "hydra.utils.get_object"),
    }
)
"""Functions and loaders that run what is in their input, or look a name in it up."""

FORBIDDEN_KEYWORDS = frozenset({"allow_pickle", "trust_remote_code", "shell"})
PICKLES_AT = {"numpy.load": 2, "numpy.save": 2, "numpy.lib.format.read_array": 1}
PICKLES_AT |= {"numpy.lib.format.write_array": 3}
"""The place of allow_pickle among the arguments of NumPy's functions."""

IMPORTERS = frozenset(
    {"importlib.import_module", "importlib.__import__", "importlib.util.find_spec"}
)

HOSTILE = "tests/demos/test_calvin.py"
EXEMPT = {
    HOSTILE: {"import pickle", "eval"},  # makes the files that the reader must refuse
    "tests/test_plain_pickle.py": {"import pickle"},  # what the module is compared with
    # the archive is the wheel that it has just built
    "tests/test_wheel.py": {"extractall() follows the paths in an archive"},
    "tests/policies/seer/test_convert.py": {"torch.load"},  # shows that its file would run code
}
"""Breaches that a file is allowed, and why."""

REMINDERS = ("TO" + "DO", "FIX" + "ME", "XX" + "X")


def main() -> int:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    breaches = [
        f"{name}:{line}: {what}"
        for name in listing.stdout.split()
        if Path(name).exists()
        for line, what in inspect(Path(name))
        if what not in EXEMPT.get(name, ())
    ]
    print("\n".join(breaches) or "house limits: kept")
    return int(bool(breaches))


def inspect(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, breach) for one file."""
    text = path.read_text()
    lines = text.splitlines()
    entry_point = path.parent == Path("scripts")
    limit = ENTRY_POINT_LINES if entry_point else FILE_LINES
    if len(lines) > limit:
        yield len(lines), f"file has {len(lines)} lines, the limit is {limit}"
    for number, line in enumerate(lines, 1):
        for word in REMINDERS:
            if word in line and ":" not in line.split(word, 1)[1]:
                yield number, f"{word} without a reason"
    tree = ast.parse(text)
    names = imported(tree)
    for node in ast.walk(tree):
        for what in breaches_of(node, names):
            yield getattr(node, "lineno", 0), what


def imported(tree: ast.AST) -> dict[str, str]:
    """Return what a file's imported names stand for, such as numpy for np; a parameter named
    compile stands for nothing."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg == "compile":
            names["compile"] = ""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node: ast.AST, names: Mapping[str, str]) -> str:
    """Return the dotted name that an expression is, with imports resolved; else an empty text."""
    if isinstance(node, ast.Name):
        return names.get(node.id, f"builtins.{node.id}" if node.id in FORBIDDEN_BUILTINS else "")
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def breaches_of(node: ast.AST, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the breaches of one syntax node."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{node.name} has {length} lines, the limit is {FUNCTION_LINES}"
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] in FORBIDDEN_MODULES:
                yield f"import {alias.name}"
    elif isinstance(node, ast.ImportFrom) and not node.level:
        if (node.module or "").partition(".")[0] in FORBIDDEN_MODULES:
            yield f"from {node.module} import"
        for alias in node.names:
            if f"{node.module}.{alias.name}" in FORBIDDEN_NAMES:
                yield f"from {node.module} import {alias.name}"
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        name = full_name(node, names)
        if name in FORBIDDEN_NAMES:
            yield name.removeprefix("builtins.")
    elif isinstance(node, ast.Call):
        yield from breaches_of_call(node, names)
    elif isinstance(node, ast.Subscript) and _text(node.slice) in FORBIDDEN_MODULES:
        if full_name(node.value, names) == "sys.modules":
            yield f"sys.modules[{_text(node.slice)!r}]"
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if _text(key) in FORBIDDEN_KEYWORDS and not _is_false(value):
                yield f"{_text(key)}={ast.unparse(value)}"
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and _text(target.slice) in FORBIDDEN_KEYWORDS:
                yield f"{_text(target.slice)}={ast.unparse(node.value)}"


def breaches_of_call(node: ast.Call, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the breaches of a call's arguments."""
    name = full_name(node.func, names)
    for keyword in node.keywords:
        if keyword.arg in FORBIDDEN_KEYWORDS and not _is_false(keyword.value):
            yield f"{keyword.arg}={ast.unparse(keyword.value)}"
    place = PICKLES_AT.get(name)
    if place is not None and len(node.args) > place and not _is_false(node.args[place]):
        yield f"allow_pickle={ast.unparse(node.args[place])}"
    if isinstance(node.func, ast.Attribute) and node.func.attr == "extractall":
        yield "extractall() follows the paths in an archive"
    first = _text(node.args[0]) if node.args else ""
    if name in IMPORTERS and first.partition(".")[0] in FORBIDDEN_MODULES:
        yield f"{name}({first!r})"
    if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "vars") and node.args:
        owner, asked = full_name(node.args[0], names), [_text(item) for item in node.args[1:2]]
        reached = owner and f"{owner}.{(asked or ['*'])[0]}"
        if owner in ("builtins", "builtins.__builtins__") or reached in FORBIDDEN_NAMES:
            yield f"{node.func.id} reaches {reached}"


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


if __name__ == "__main__":
    sys.exit(main())
