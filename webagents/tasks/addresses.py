"""The addresses in task files: placeholders of sites, such as `__SHOPPING__`, and plain URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from longhaul.webagents.errors import TaskError

PLACEHOLDERS = {
    f"__{name}__"
    for name in (
        "SHOPPING",
        "SHOPPING_ADMIN",
        "REDDIT",
        "CLASSIFIEDS",
        "GITLAB",
        "MAP",
        "WIKIPEDIA",
        "HOMEPAGE",
    )
}

HOST_PATTERN = re.compile(r"(?:\w+://)?([^/?#]*)")
"""Finds where the host of an address stands: there a placeholder can be, and `__init__.py` of a
path cannot."""

LIKE_PLACEHOLDER_PATTERN = re.compile(r"__\w+__|\$?\{+\w+\}+|<\w+>|\$\w+|%\w+%")
"""Matches what looks like a placeholder, in this benchmark's form or in another."""


def fill_placeholders(text: str, sites: Mapping[str, str]) -> str:
    """Return a text with PLACEHOLDERS such as `__SHOPPING__` replaced by the sites' addresses, such
    as `{"shopping": "http://shop.localhost"}`. Raises TaskError for a site not in `sites`."""
    for placeholder in PLACEHOLDERS:
        if placeholder in text:
            name = site_of(placeholder)
            if name not in sites:
                raise TaskError(f"{placeholder}: no address; valid: {', '.join(sites) or 'none'}")
            text = text.replace(placeholder, sites[name].rstrip("/"))
    return text


def localize(raw: Mapping[str, Any], sites: Mapping[str, str]) -> dict[str, Any]:
    """Return a task with all placeholders replaced, as `fill_placeholders` does."""
    return {key: _localized(value, sites) for key, value in raw.items()}


def _localized(value: Any, sites: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill_placeholders(value, sites)
    if isinstance(value, Mapping):
        return {key: _localized(item, sites) for key, item in value.items()}
    if isinstance(value, list):
        return [_localized(item, sites) for item in value]
    return value


def site_of(placeholder: str) -> str:
    """Return the name of a placeholder's site: `shopping` for `__SHOPPING__`."""
    return placeholder.strip("_").lower()


def sites_in(value: Any) -> set[str]:
    """Return the names of the sites whose placeholders stand in a task, or in a part of one."""
    return {site_of(name) for text in texts_in(value) for name in PLACEHOLDERS if name in text}


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(item)


def unknown_placeholder(url: str) -> str:
    """Return what looks like a placeholder in the place of an address's host and is none; empty if
    there is nothing of the kind."""
    match = HOST_PATTERN.match(url)
    found = LIKE_PLACEHOLDER_PATTERN.search(match[1] if match else "")
    return "" if found is None or found[0] in PLACEHOLDERS else found[0]


def is_address(url: str) -> bool:
    """Say whether a text is the address of a page: a placeholder with or without a path, or an http
    or https URL with a host."""
    for name in sorted(PLACEHOLDERS, key=len, reverse=True):
        if url.startswith(name):
            return url[len(name) :][:1] in ("", "/", "?", "#", ":")
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
