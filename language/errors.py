"""Errors of language back ends; each has a type, and a message of one line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from longhaul.errors import not_installed

EXCERPT_CHARS = 300
"""The largest number of characters of a server's answer that an error message quotes."""


class LanguageError(Exception):
    """A back end gave no answer; the message is one line."""


class SetupError(LanguageError, ValueError):
    """A key, file, package or option is missing or not valid; the message says what to do."""


class UnsupportedError(SetupError):
    """The back end does not have the ability that a request needs."""


class EndpointError(LanguageError):
    """An endpoint gave no usable reply within its tries; the message has url, tries and the last
    cause."""


class BudgetError(LanguageError):
    """The limit of tokens or money is reached."""


class ReplyError(LanguageError):
    """A model gave a reply without an answer: it is empty, was cut, or the model declined."""


class ContextError(LanguageError):
    """A prompt is longer than the model's context."""


def one_line(text: object, limit: int = EXCERPT_CHARS) -> str:
    """Return text on one line of at most `limit` characters."""
    line = " ".join(str(text)[: 4 * limit].split())
    return line if len(line) <= limit else f"{line[:limit]}..."


def optional(module: str, extra: str) -> Any:
    """Import a module of an optional extra. Raises SetupError with the extra's name if it is not
    installed."""
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise SetupError(not_installed(package, extra)) from None
