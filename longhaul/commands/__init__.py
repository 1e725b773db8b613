"""The commands of `longhaul`: one file each, which scripts/ starts too.

A file's docstring is what its `--help` says, its first line what `longhaul --help` says of it.
What a command needs is imported once its arguments are read, so that help is there at once.
"""

from __future__ import annotations

import ast
from pathlib import Path

NO_COMMANDS = ("__init__", "parser", "completion")
"""Files of this folder that are no commands."""


CONTINUED = ("rollout", "record", "train", "generate", "convert", "ablate", "rejudge")
"""Commands that go on where they stopped, if they are given again."""


def commands() -> dict[str, str]:
    """Return the commands' names and what each is for: its docstring's first line."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in NO_COMMANDS:
            about = ast.get_docstring(ast.parse(path.read_text())) or ""
            found[path.stem.replace("_", "-")] = about.partition("\n")[0]
    return found


def module_of(name: str) -> str:
    """Return the module of a command."""
    return f"longhaul.commands.{name.replace('-', '_')}"
