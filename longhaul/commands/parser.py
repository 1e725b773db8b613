"""Command lines that argparse reads: one line for what is wrong, with the nearest valid option."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import NoReturn

from longhaul.configs.app import program
from longhaul.errors import USER_ERROR, ConfigError, complain, refused


class Parser(argparse.ArgumentParser):
    """argparse's parser for the command `name`; `about` is its module's docstring."""

    def __init__(self, name: str, about: str | None) -> None:
        super().__init__(
            prog=program(name),
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def options(self) -> list[str]:
        """Return every option that begins with two dashes."""
        return [o for action in self._actions for o in action.option_strings if o[:2] == "--"]

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong, and exit with code 2."""
        wrong = re.search(r"--[\w-]+", message) if "unrecognized" in message else None
        close = get_close_matches(wrong.group(), self.options(), n=1, cutoff=0.7) if wrong else []
        hint = f"; did you mean {close[0]}?" if close else f"; {self.prog} --help lists all"
        complain(message + hint)
        sys.exit(USER_ERROR)


def guarded(work: Callable[[], int | None]) -> int:
    """Do a command's work; return its exit code, 2 for an error that is the user's."""
    try:
        return work() or 0
    except OSError as error:
        return complain(refused(error))
    except ConfigError as error:
        return complain(error)
