"""url_match: whether the agent ended where it should."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import parse_qs, urlparse

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.text import RuleSet
from longhaul.webagents.tasks.format import UrlRule


def matches(
    url: str,
    references: tuple[str, ...],
    rule: UrlRule | None,
    version: RuleSet = "videowa-2024",
) -> bool:
    """Say whether a URL is one of the references by a rule; without a rule by the version's own.

    EXACT, which is `videowa-2024`'s own, demands equality, and GOLD in PRED that the URL contains a
    reference. In both `localhost` and 127.0.0.1 are equal, and one trailing slash is ignored; the
    order of a query and the fragment do count. GOLD in PRED of `webarena-2023`, its own rule,
    compares parts (`_contains`). Raises TaskError for a reference that is no URL.
    """
    if version == "webarena-2023" and rule != "EXACT":
        return _contains(url, references)
    seen = _plain(url)
    wanted = [_plain(reference) for reference in references]
    if rule == "GOLD in PRED":
        return any(reference in seen for reference in wanted)
    return seen in wanted


def _plain(url: str) -> str:
    return url.replace("localhost", "127.0.0.1").removesuffix("/")


def _contains(url: str, references: tuple[str, ...]) -> bool:
    """Say whether host and path of a URL contain those of a reference, and whether its query has
    each parameter that any of the references has, with a value that one of them has.

    The order of parameters, their encoding, further ones, empty ones, fragments and trailing
    slashes do not count. As published, `/issues/71` contains `/issues/7`.
    """
    places, wanted = [], defaultdict(set)
    for reference in references:
        try:
            place, query = _parts(reference)
        except ValueError as error:
            raise TaskError(f"reference_url {reference!r:.80} is no URL: {error}") from None
        places.append(place)
        for name, values in query.items():
            wanted[name].update(values)
    try:
        place, query = _parts(url)
    except ValueError:
        return False
    return any(known in place for known in places) and all(
        values.intersection(query.get(name, ())) for name, values in wanted.items()
    )


def _parts(url: str) -> tuple[str, dict[str, list[str]]]:
    """Return a URL's host with its path, and its query's values by name."""
    parsed = urlparse(url.rstrip("/"))
    return parsed.netloc + parsed.path, parse_qs(parsed.query)
