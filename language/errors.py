"""What can go wrong with a language back end: typed, and one line each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from longhaul.errors import not_installed

EXCERPT = 300
"""Characters of foreign text (a server's answer) that an error message quotes at most."""


class LanguageError(Exception):
    """A back end gave no answer; the message is one line."""


class SetupError(LanguageError, ValueError):
    """What the user asked for cannot be: a key, file, package or option; names the remedy."""


class UnsupportedError(SetupError):
    """The back end does not have the ability that a request needs."""


class EndpointError(LanguageError):
    """An endpoint gave no usable reply within its tries; says url, tries and the last cause."""


class BudgetError(LanguageError):
    """The tokens or the money that may be spent are spent."""


class ContextError(LanguageError):
    """A prompt is longer than what the model reads."""


def one_line(text: object, limit: int = EXCERPT) -> str:
    """Return text on one line of at most `limit` characters."""
    line = " ".join(str(text)[: 4 * limit].split())
    return line if len(line) <= limit else f"{line[:limit]}..."


def optional(module: str, extra: str) -> Any:
    """Import a module of an optional extra; SetupError names the extra when it isn't there."""
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise SetupError(not_installed(package, extra)) from None
