"""url_match: whether the agent ended where it should."""

from __future__ import annotations

from longhaul.webagents.tasks.format import UrlRule


def matches(url: str, references: tuple[str, ...], rule: UrlRule) -> bool:
    """Say whether a URL is one of the references (EXACT), or has one in it (GOLD in PRED).

    `localhost` and 127.0.0.1 are the same, and one trailing slash is none; the order of a query
    and a fragment do count.
    """
    seen = _plain(url)
    wanted = [_plain(reference) for reference in references]
    if rule == "EXACT":
        return seen in wanted
    return any(reference in seen for reference in wanted)


def _plain(url: str) -> str:
    return url.replace("localhost", "127.0.0.1").removesuffix("/")
