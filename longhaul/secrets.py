"""Keeps tokens, passwords and keys out of everything that a command writes or says.

What is secret is known by the name of its key (`shop_token`, `api_key`, ...), by its place in an
address (`http://user:PASSWORD@host`, `?key=...`), or by the name of an environment variable. The
values themselves are remembered for this process, so that they are found again where a server, a
page or a model repeats them. Values of fewer than SHORTEST characters are hidden at their keys
alone: they stand in ordinary text too.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

HIDDEN = "***"
"""What stands in place of a secret."""

SHORTEST = 4
"""The fewest characters of a value that is hidden wherever it stands."""

SHORTEST_VARIABLE = 8
"""The same for an environment variable, whose value nobody gave to this command."""

SHORTEST_IN_FILES = 8
"""The same for the text of a whole file, in which a shorter value could be a key or a number."""

NAMES = frozenset(
    {
        *("token", "password", "passwd", "pwd", "passphrase", "passcode", "secret", "secrets"),
        *("apikey", "authorization", "bearer", "cookie", "cookies", "credential", "credentials"),
        *("sessionid", "jwt"),
    }
)
"""The last word of a secret's key."""

KINDS_OF_KEY = frozenset({"api", "access", "secret", "private", "auth", "signing", "account"})
"""The word before `key` in the name of a secret, as in api_key."""

IN_QUERIES = frozenset({"key", "auth", "sig", "signature"})
"""What is secret in an address's query, beside the names that are secret everywhere."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_USER = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*://)([^/?#\s@'\"<>]+)@")
_QUERY = re.compile(r"(?<=[?&;])([A-Za-z_][\w.-]*)=([^&#;\s'\"<>\])]+)")
_INSIDE = re.compile(r"([A-Za-z_][\w.-]*)['\"]?\s*:\s*['\"]?([^,}\s'\"]+)")

_known: set[str] = set()


def is_secret(name: str) -> bool:
    """True for a key whose value is secret, such as shop_token, X-Api-Key or apiKey."""
    words = [word.lower() for word in _WORD.findall(name.rpartition(".")[2])]
    before = words[-2] if len(words) > 1 else ""
    if not words:
        return False
    if words[-1] == "key":
        return before in KINDS_OF_KEY
    return words[-1] in NAMES or (before != "" and words[-1] == "auth")


def know(value: object) -> None:
    """Remember a secret's value, so that it is hidden wherever this process writes it."""
    text = str(value)
    if len(text) >= SHORTEST and text != HIDDEN:
        plain = text.removeprefix("Bearer ").removeprefix("Basic ").strip() or text
        _known.update({plain, quote(plain, safe=""), json.dumps(plain)[1:-1]})
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = _told


def learn(tree: Any, secret: bool = False) -> None:
    """Remember the secrets in a configuration: values of secret keys, also of what is inside them,
    and what addresses hold."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            learn(value, secret or is_secret(str(key)))
    elif isinstance(tree, list | tuple):
        for item in tree:
            learn(item, secret)
    elif secret and isinstance(tree, str | int | float) and not isinstance(tree, bool):
        know(tree)
    elif isinstance(tree, str):
        for value in _in_addresses(tree):
            know(value)


def learn_words(words: Sequence[str]) -> None:
    """Remember the secrets in the words of a command line."""
    for name, value in _pairs(words):
        learn({name: value.strip("'\"")})


def hidden_words(words: Sequence[str]) -> list[str]:
    """Return the words of a command line without secrets."""
    learn_words(words)
    found, hide_next = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        shown = HIDDEN if hide_next else f"{name}={HIDDEN}" if equals and is_secret(name) else word
        hide_next = word.startswith("--") and not equals and is_secret(name)
        found.append(scrub(_INSIDE.sub(_hidden_pair, shown)))
    return found


def hidden(tree: Any, secret: bool = False) -> Any:
    """Return a document in which HIDDEN stands in place of secrets."""
    if isinstance(tree, Mapping):
        return {
            scrub(key) if isinstance(key, str) else key: hidden(
                value, secret or is_secret(str(key))
            )
            for key, value in tree.items()
        }
    if isinstance(tree, list | tuple):
        return [hidden(item, secret) for item in tree]
    if secret and isinstance(tree, str | int | float) and not isinstance(tree, bool):
        return HIDDEN
    return scrub(tree) if isinstance(tree, str) else tree


def without(tree: Any, secret: bool = False) -> Any:
    """Return a configuration as if no secret had been given: a run is the same with another token.

    The value of a secret key is None, and an address has neither a user nor a secret in its query.
    """
    if isinstance(tree, Mapping):
        return {key: without(value, secret or is_secret(str(key))) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [without(item, secret) for item in tree]
    if secret and isinstance(tree, str | int | float) and not isinstance(tree, bool):
        return None
    if not isinstance(tree, str) or "://" not in tree:
        return tree
    return _QUERY.sub(lambda m: "" if _is_asked(m[1]) else m[0], _USER.sub(r"\1", tree))


def scrub(text: str, shortest: int = SHORTEST) -> str:
    """Return text in which HIDDEN stands in place of known secrets of at least `shortest`
    characters, and of those in addresses."""
    if "://" in text:
        text = _USER.sub(rf"\1{HIDDEN}@", text)
        text = _QUERY.sub(lambda m: f"{m[1]}={HIDDEN}" if _is_asked(m[1]) else m[0], text)
    for value in sorted({*_known, *_variables()}, key=len, reverse=True):
        if len(value) >= shortest:
            text = text.replace(value, HIDDEN)
    return text


def _variables() -> Iterator[str]:
    """Yield the values of environment variables that are secret by their names; a path is none."""
    for name, value in os.environ.items():
        if len(value) >= SHORTEST_VARIABLE and is_secret(name) and not value.startswith("/"):
            yield value


def _in_addresses(text: str) -> Iterator[str]:
    """Yield the passwords and secrets of the addresses in a text."""
    if "://" in text:
        for _, user in _USER.findall(text):
            yield base64.b64encode(unquote(user).encode()).decode()
            name, colon, password = user.partition(":")
            yield from {password, unquote(password)} if colon else {name, unquote(name)}
        yield from (value for name, value in _QUERY.findall(text) if _is_asked(name))


def _is_asked(name: str) -> bool:
    return is_secret(name) or name.lower() in IN_QUERIES


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word, following in zip(words, [*words, ""][1:], strict=True):
        name, equals, value = word.partition("=")
        if equals:
            yield name, value
        elif word.startswith("--"):
            yield name, "" if following.startswith("-") else following
        yield from _INSIDE.findall(word)


def _hidden_pair(found: re.Match[str]) -> str:
    if not is_secret(found[1]):
        return found[0]
    return found[0][: found.start(2) - found.start(0)] + HIDDEN


def _told(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Print what ends the process as Python does, without secrets."""
    sys.stderr.write(scrub("".join(traceback.format_exception(kind, error, trace))))
