"""url_match: whether the agent ended where it should."""

from __future__ import annotations

from longhaul.webagents.tasks.format import UrlRule


def matches(url: str, references: tuple[str, ...], rule: UrlRule) -> bool:
    """Say whether a URL equals one of the references (EXACT), or contains one (GOLD in PRED).

    `localhost` and 127.0.0.1 are equal, and one trailing slash is ignored; the order of a query and
    the fragment do count.
    """
    seen = _plain(url)
    wanted = [_plain(reference) for reference in references]
    if rule == "EXACT":
        return seen in wanted
    return any(reference in seen for reference in wanted)


def _plain(url: str) -> str:
    return url.replace("localhost", "127.0.0.1").removesuffix("/")
