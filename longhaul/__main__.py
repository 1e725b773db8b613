"""`longhaul COMMAND ...`: the suite's commands behind one name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module, metadata

from longhaul.commands import commands, module_of
from longhaul.errors import USER_ERROR, complain, unknown

USAGE = """usage: longhaul COMMAND [KEY=VALUE | --OPTION ...]

{about}

commands:
{commands}

`longhaul COMMAND --help` lists a command's keys. `longhaul completion bash` (zsh, fish) prints what
makes a shell complete commands, keys and values. `--plugin FOLDER` adds policies, envs and dataset
formats of your own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the command that the first argument names; return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    name, rest = (words[0], words[1:]) if words else ("--help", [])
    if name in ("-h", "--help", "help"):
        print(usage())
        return 0 if words else USER_ERROR
    if name == "--version":
        print(f"longhaul {metadata.version('longhaul-suite')}")
        return 0
    if name in ("completion", "--complete"):
        from longhaul.commands import completion

        return completion.main(name, rest)
    if name not in commands():
        return complain(unknown(f"command {name}", sorted(commands())))
    code: int = import_module(module_of(name)).main(rest)
    return code


def usage() -> str:
    """Return what `longhaul --help` prints."""
    about = "Train and evaluate policies that carry a task through many dependent steps."
    rows = "\n".join(f"  {name:18} {sentence}" for name, sentence in commands().items())
    return USAGE.format(about=about, commands=rows)


if __name__ == "__main__":
    sys.exit(main())
