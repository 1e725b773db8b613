"""`longhaul COMMAND ...`: the suite's commands behind one name."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from longhaul.interrupts import interrupted, interruptible

USAGE = """usage: longhaul COMMAND [KEY=VALUE | --OPTION ...]

{about}

commands:
{commands}

`longhaul COMMAND --help` lists a command's keys. `longhaul completion bash` (zsh, fish) prints what
makes a shell complete commands, keys and values. `--plugin FOLDER` adds policies, envs and dataset
formats of your own."""


def main(arguments: Sequence[str] | None = None, command: str | None = None) -> int:
    """Start a command; return its exit code.

    The first argument names the command, unless `command` does. Ctrl-C or SIGTERM is one line at
    any moment, also while a command's libraries are being imported.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name, rest = (words[0] if words else None, words[1:]) if command is None else (command, words)
    try:
        with interruptible():
            code = start(name, rest)
            sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe, such as head, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as stop:
        from longhaul.commands import CONTINUED

        return interrupted(stop, goes_on=name in CONTINUED)
    return code


def start(name: str | None, rest: Sequence[str]) -> int:
    """Start the command of that name with the other words; return its exit code."""
    from importlib import import_module, metadata  # here, so that Ctrl-C finds `main` soon

    from longhaul.commands import commands, module_of
    from longhaul.errors import USER_ERROR, complain, unknown

    if name in (None, "-h", "--help", "help"):
        print(usage())
        return 0 if name else USER_ERROR
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
    from longhaul.commands import commands

    about = "Train and evaluate policies that carry a task through many dependent steps."
    rows = "\n".join(f"  {name:18} {sentence}" for name, sentence in commands().items())
    return USAGE.format(about=about, commands=rows)


if __name__ == "__main__":
    sys.exit(main())
