"""Errors of the suite that are the user's to mend, and the checks that raise them."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Collection
from difflib import get_close_matches

from longhaul.secrets import scrub

USER_ERROR = 2
"""The exit code of a command that the user's error ended."""

FAILED = 1
"""The exit code of a command whose work did not come about."""

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where there is no space for a file: on the disk, in the user's quota, or
within the largest size of a file."""

UNWRITABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
)
"""What the system says where a file may not be written, or where something else is in the place of
a file or of its folder."""

NUMBER_PATTERN = re.compile(r"\(os error (\d+)\)|\berrno[ =]+(\d+)")
"""How libraries in Rust and C++ tell a number of the system in the text of their exceptions."""

CONTROL_PATTERN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Matches what moves a terminal's cursor, names its window or turns the direction of its text, and
halves of surrogate pairs."""

SHORT_PATTERN = re.compile(r"\d+ requested and \d+ written")
"""What NumPy says where it wrote fewer values than it was to."""


class ConfigError(ValueError):
    """What the user asked for cannot be; the message names the value and the valid ones.

    Entry points print the message as one line and exit with code 2; with code 1 what the system
    refused, such as space on a full disk. Any other exception is a fault of the program and keeps
    its traceback.
    """


class FailedError(RuntimeError):
    """What was asked for did not come about, and no word of the command is to blame.

    Entry points print the message as one line and exit with code 1.
    """


class LostError(RuntimeError):
    """A process that the suite started beside an env (browser, driver, sites) died or was stopped.

    The message says which. The episode is not to blame: it is attempted once more, with a new
    worker.
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


def disk_full(error: BaseException | None) -> OSError | None:
    """Return the OSError of a full disk (FULL_DISK) that lies behind an exception, or None.

    A library's exception that tells the system's number in its text alone counts too.
    """
    seen: set[int] = set()
    found = None
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        number = _number(error)
        if number in FULL_DISK and (found is None or found.filename is None):
            found = _told(error, number)
        error = error.__cause__ or error.__context__
    return found


def refused(error: Exception) -> str:
    """Return in one line what the system refused to a command; raises any other error again."""
    found, number = disk_full(error), _number(error)
    if found is not None:
        return (
            f"{found.filename or 'a file'}: {found.strerror}; what was complete is kept: make "
            "space and give the same command again"
        )
    if number not in UNWRITABLE:
        raise error
    found = _told(error, number)
    name = found.filename or "a file"
    if isinstance(name, str | bytes) and os.path.isfile(name) and not os.access(name, os.R_OK):
        return f"{os.fsdecode(name)}: {found.strerror}; make it readable for this user"
    return f"{name}: {found.strerror}; choose a folder that may be written"


def _number(error: BaseException) -> int | None:
    """Return the system's number of an error, also of one that has it in its text alone.

    NumPy tells no number where it could write only a part of an array.
    """
    if isinstance(error, OSError) and error.errno:
        return error.errno
    if isinstance(error, OSError) and SHORT_PATTERN.fullmatch(str(error)):
        return errno.ENOSPC
    found = NUMBER_PATTERN.search(str(error))
    return int(found[1] or found[2]) if found else None


def _told(error: BaseException, number: int) -> OSError:
    return OSError(number, os.strerror(number), getattr(error, "filename", None))


def printable(text: str) -> str:
    """Return text in which control characters are told instead of sent to a terminal: `\\x1b`.

    Line ends and tabs stay. Half a surrogate pair, which no terminal takes, is told too.
    """
    return CONTROL_PATTERN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def single_line(text: object, most: int = 300) -> str:
    """Return a text, such as an exception's, in one line of at most so many characters."""
    line = printable(" ".join(str(text).split()))
    return line if len(line) <= most else f"{line[: most - 3]}..."


def complain(message: object, code: int = USER_ERROR) -> int:
    """Say on standard error, in one line, what ended a command; return the exit code for it."""
    line = f"error: {' '.join(str(message).split())}"
    print(printable(scrub(line)), file=sys.stderr)
    return code
