"""Errors of the suite that are the user's to mend, and the checks that raise them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Collection
from difflib import get_close_matches

USER_ERROR = 2
"""The exit code of a command that the user's error ended."""

FAILED = 1
"""The exit code of a command whose work did not come about."""

REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC})
"""What the system says where a file may not be, or can't be, written."""


class ConfigError(ValueError):
    """What the user asked for cannot be; the message names the value and the valid ones.

    Entry points print the message as one line and exit with code 2. Any other exception is a
    fault of the program and keeps its traceback.
    """


class FailedError(RuntimeError):
    """What was asked for did not come about, and no word of the command is to blame.

    Entry points print the message as one line and exit with code 1.
    """


def unknown(option: str, valid: Collection[str]) -> str:
    """Return the sentence for an unknown choice: `option` names it, such as `env.scene=E`.

    The closest valid value is suggested, where one is close.
    """
    names = [str(name) for name in valid]
    name = option.rpartition("=")[2].rpartition(" ")[2].rpartition(".")[2].strip("'\"")
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{option} is unknown; {hint}valid: {', '.join(names) or 'none'}"


def require_known(option: str, value: str, valid: Collection[str]) -> None:
    """Raise ConfigError naming the valid values unless an option's is one of them."""
    if value not in valid:
        raise ConfigError(unknown(f"{option}={value}", valid))


def not_installed(package: str, extra: str | None = None) -> str:
    """Return the sentence for a package that Longhaul, or one of its optional extras, installs.

    The name `longhaul` on PyPI belongs to another project, so the remedy is the checkout's.
    """
    what = f"'.[{extra}]'" if extra else "."
    return f"{package} is not installed: in Longhaul's checkout run pip install -e {what}"


def refused(error: OSError) -> str:
    """Return in one line what the system refused to a command; raises any other error again."""
    if error.errno not in REFUSALS:
        raise error
    what = f"{error.filename or 'a file'}: {os.strerror(error.errno)}"
    return what if error.errno == errno.ENOSPC else f"{what}; choose a folder that may be written"


def complain(message: object, code: int = USER_ERROR) -> int:
    """Say on standard error, in one line, what ended a command; return the exit code for it."""
    print(f"error: {' '.join(str(message).split())}", file=sys.stderr)
    return code
