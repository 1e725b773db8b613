"""Command lines that argparse reads: one line for what is wrong, with the nearest valid option."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NoReturn

from longhaul.configs.app import program
from longhaul.errors import FAILED, ConfigError, FailedError, complain, refused
from longhaul.output import Output, taken
from longhaul.plugins import take_plugins


class Parser(argparse.ArgumentParser):
    """argparse's parser for the command `name`; `about` is its module's docstring."""

    def __init__(self, name: str, about: str | None) -> None:
        super().__init__(
            prog=program(name),
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.add_argument("--json", action="store_true", help="the result as one JSON document")
        self.add_argument("--quiet", action="store_true", help="say nothing but errors")

    def options(self) -> list[str]:
        """Return every option that begins with two dashes."""
        return [o for action in self._actions for o in action.option_strings if o[:2] == "--"]

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError, which says in one line what is wrong."""
        wrong = re.search(r"--[\w-]+", message) if "unrecognized" in message else None
        close = get_close_matches(wrong.group(), self.options(), n=1, cutoff=0.7) if wrong else []
        hint = f"; did you mean {close[0]}?" if close else f"; {self.prog} --help lists all"
        raise ConfigError(message + hint)


def obey(
    reads: Parser,
    work: Callable[[argparse.Namespace, Output], int | None],
    arguments: Sequence[str] | None,
    keys: bool = False,
) -> int:
    """Read a command line and do the command's work; return its exit code: 2 for an error that is
    the user's, 1 for a failure.

    `--plugin FOLDER` is used before the rest is read, and so is what longhaul.output takes. A
    command that composes a configuration, too, takes `keys`: words that the parser does not know
    are then in `rest` of what the work is given.
    """
    try:
        output, words = taken(sys.argv[1:] if arguments is None else arguments)
    except ConfigError as error:
        return complain(error)
    with output:
        try:
            given, rest = reads.parse_known_args(take_plugins(words))
            if rest and not keys:
                reads.error(f"unrecognized arguments: {' '.join(rest)}")
            given.rest = rest
            return work(given, output) or 0
        except ConfigError as error:
            return output.fail(error)
        except FailedError as error:
            return output.fail(error, FAILED)
        except Exception as error:
            return output.fail(refused(error), FAILED)
