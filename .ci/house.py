"""House limits: short files and functions, no code from data, no stray reminders.

Prints every breach as `file:line: what` and exits with 1 if there is one.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60
ENTRY_POINT_LINES = 60
FORBIDDEN_CALLS = {"eval", "exec"}
FORBIDDEN_MODULES = {"pickle", "dill", "cloudpickle", "marshal"}
FORBIDDEN_KEYWORDS = {"allow_pickle", "trust_remote_code"}
EXEMPT = {
    "demos/calvin/annotations.py": "import pickle",  # its reader admits plain values only
    "demos/calvin/writer.py": "allow_pickle=True",  # writes what CALVIN's layout asks for
    "tests/demos/test_calvin.py": "pickle",  # makes the files that the reader must refuse
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
        if name not in EXEMPT or EXEMPT[name] not in what
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
    for node in ast.walk(ast.parse(text)):
        yield from breaches_of(node)


def breaches_of(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, breach) for one syntax node."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {length} lines, the limit is {FUNCTION_LINES}"
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if isinstance(node.func, ast.Name) and name in FORBIDDEN_CALLS:
            yield node.lineno, f"{name}() runs data as code"
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "os.system":
            yield node.lineno, "os.system()"
        for keyword in node.keywords:
            allowed = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            if keyword.arg in FORBIDDEN_KEYWORDS and not allowed:
                yield node.lineno, f"{keyword.arg}={ast.unparse(keyword.value)}"
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] in FORBIDDEN_MODULES:
                yield node.lineno, f"import {alias.name}"
    elif isinstance(node, ast.ImportFrom) and (node.module or "") in FORBIDDEN_MODULES:
        yield node.lineno, f"from {node.module} import"


if __name__ == "__main__":
    sys.exit(main())
