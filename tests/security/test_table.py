"""SECURITY.md's table is whole: every threat, controls that are there, tests that CI runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
THREATS = (
    *("checkpoint with code", "arrays of objects", "YAML and command-line targets"),
    *("task files and URLs as code", "pages, films and OCR that give orders"),
    *("the wire, once there is one", "model replies", "URDF, GLB and archives"),
    *("run folders and reports", "crash, full disk, hang", "dead workers"),
    *("silent drift of code and renderer", "secrets", "code that a model folder brings"),
)
LEFT_OUT_OF_CI = {"slow", "golden"}


def rows() -> dict[str, tuple[str, str]]:
    text = (ROOT / "SECURITY.md").read_text().partition("## Threats\n")[2].partition("\n## ")[0]
    lines = text.splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    return {threat: (control, tests) for threat, control, tests in cells[2:]}


def marks(path: Path) -> dict[str, set[str]]:
    """Return the marks of each test function of a file."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            texts = [ast.unparse(decorator) for decorator in node.decorator_list]
            found[node.name] = {word for text in texts for word in re.findall(r"mark\.(\w+)", text)}
    return found


def test_all_threats_are_there() -> None:
    assert tuple(rows()) == THREATS


def test_every_control_is_a_file() -> None:
    for threat, (control, _) in rows().items():
        files = [name for name in re.findall(r"`([^`]+)`", control) if "/" in name]
        assert files, threat
        for name in files:
            assert (ROOT / name).is_file(), f"{threat}: {name}"


def test_every_proof_is_a_test_that_ci_runs() -> None:
    for threat, (_, tests) in rows().items():
        names = re.findall(r"`([^`]+)`", tests)
        assert names, threat
        for name in names:
            file, _, function = name.partition("::")
            found = marks(ROOT / file)
            assert function in found, f"{threat}: {name}"
            assert not LEFT_OUT_OF_CI & found[function], f"{threat}: {name} is not run in CI"
