"""Writes lerobot 0.6.1's Python 3.12 syntax as Python 3.11 has it: five of its files use it.

Run by lerobot's own interpreter, once after pip: python tests/demos/lerobot_for_python_3_11.py
"""

from __future__ import annotations

import ast
import re
import sysconfig
from pathlib import Path

OLDER = (
    (r"(?m)^type (\w+) = ", r"\1 = "),
    (r"(?m)^class (\w+)\[TInput, TOutput\]\((\w+)\):", r"class \1(\2, Generic[TInput, TOutput]):"),
    (r"(?m)^(class|def) (\w+)\[T(?:: \w+)?\]", r"\1 \2"),
    (r"(?m)^(?=from typing import )", 'from typing import Generic, TypeVar\nT = TypeVar("T")\n'),
)
"""Patterns and what takes their place: aliases, a generic class, classes and functions of T."""


def main() -> None:
    root = Path(sysconfig.get_paths()["purelib"]) / "lerobot"
    changed = 0
    for path in sorted(root.rglob("*.py")):
        text = path.read_text()
        try:
            ast.parse(text)
        except SyntaxError:
            for pattern, older in OLDER:
                text = re.sub(pattern, older, text)
            ast.parse(text)
            path.write_text(text)
            changed += 1
            print(path)
    print(f"{changed} files were written anew")


if __name__ == "__main__":
    main()
