"""`longhaul COMMAND ...`: the suite's commands behind one name."""

from __future__ import annotations

import os
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
    try:
        code = start(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe, such as head, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def start(arguments: Sequence[str]) -> int:
    """Start a command; return its exit code."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if name in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else USER_ERROR
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
