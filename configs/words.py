"""The words of a command line, before Hydra reads them: keys are given as `episodes=3`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from longhaul.errors import ConfigError

HYDRA_FLAGS = frozenset({"-m", "--multirun", "--resolve", "--version", "--hydra-help"})
"""Options of Hydra that stand alone."""

HYDRA_OPTIONS = frozenset(
    {
        *("--config-dir", "-cd", "--config-path", "-cp", "--config-name", "-cn"),
        *("--cfg", "-c", "--package", "-p", "--info", "-i", "--experimental-rerun"),
    }
)
"""Options of Hydra with a value, behind a blank or `=`."""

OUR_OPTIONS = ("--help", "--plugin", "--json", "--quiet")
EXAMPLE = "keys are given as KEY=VALUE, such as episodes=3"


def in_order(words: Sequence[str]) -> list[str]:
    """Return the words with Hydra's options in front: it takes no keys on both sides of one.

    Raises ConfigError for a word that is neither KEY=VALUE nor an option; it has the right form.
    """
    options: list[str] = []
    keys: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in HYDRA_OPTIONS:
            options += [word] if equals or not rest else [word, rest.pop(0)]
        elif word in HYDRA_FLAGS:
            options.append(word)
        elif word.startswith("~"):
            keys.append(word)
        elif name.startswith("-"):
            raise ConfigError(_of_option(word, _value(rest)))
        elif not (name and equals) or (not value and _value(rest)):
            raise ConfigError(_of_words([word, *rest]))
        else:
            keys.append(word)
    return [*options, *keys]


def _value(rest: Sequence[str]) -> str:
    """Return the next word if it can be the value of a key, else nothing."""
    word = rest[0] if rest else ""
    return "" if "=" in word or (word.startswith("-") and not _is_number(word)) else word


def _of_option(word: str, behind: str) -> str:
    """Return what is wrong with an option that no command has; `behind` may be its value."""
    name, equals, value = word.partition("=")
    close = get_close_matches(name, OUR_OPTIONS, n=1, cutoff=0.8)
    if close:
        return f"{name} is unknown; did you mean {close[0]}?"
    key = name.lstrip("-").replace("-", "_")
    shown, value = (word, value) if equals else (f"{word} {behind}".strip(), behind)
    return f"{shown}: {_form(key, value) if len(key) > 1 else EXAMPLE}"


def _of_words(words: Sequence[str]) -> str:
    """Return what is wrong with words that begin with one without `=`, or with a blank at its
    `=`."""
    first = words[0]
    key, colon, value = first.partition(":")
    if colon and key.isidentifier() and value:
        return f"{first}: {_form(key, value)}"
    key, _, value = first.partition("=")
    shown, rest = [first], list(words[1:])
    if (
        not value and rest and rest[0].startswith("=") and "=" not in first
    ):  # key = value, or =value
        shown.append(rest.pop(0))
        value = shown[-1].removeprefix("=")
    if not value and _value(rest):
        shown.append(rest.pop(0))
        value = shown[-1]
    if not key or not value:
        return f"{' '.join(shown)}: {EXAMPLE}"
    return f"{' '.join(shown)}: {_form(key, value)}"


def _form(key: str, value: str) -> str:
    return f"keys are given as {key}={value or 'VALUE'}"


def _is_number(word: str) -> bool:
    return word.lstrip("-").replace(".", "", 1).isdigit()
