"""The login of a task's agent on sites elsewhere: a storage state, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from longhaul.documents import read_object
from longhaul.errors import ConfigError
from longhaul.identifiers import is_plain_name, shown

SITES_WITHOUT_ACCOUNTS = frozenset({"map", "wikipedia", "homepage"})
"""The benchmark's sites on which nobody logs in; its tasks there say require_login all the same."""

SESSION_COOKIE = -1
"""The `expires` of a cookie that lives as long as the browser (Playwright's storage states)."""

SAME_SITE = ("Strict", "Lax", "None")

MOST_NAMES = 4
"""The most cookies that a sentence names."""


@dataclass(frozen=True)
class Login:
    """What an agent's browser brings along: cookies, as Playwright takes them, and a storage state,
    as Playwright saves it (cookies and, for each origin, localStorage and IndexedDB)."""

    cookies: Sequence[dict[str, Any]] = ()
    state: Mapping[str, Any] | None = None


def read_state(folder: Path | None, task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the storage state of a task's agent, as Playwright saves it: `cookies` and `origins`.
    None for a task that requires no login or names no state, and without a folder.

    Raises ConfigError for a state that is missing, or is none.
    """
    named = task.get("storage_state")
    if task.get("require_login") is not True or folder is None or not named:
        return None
    name = str(named).rpartition("/")[2]
    path = folder / name
    if not is_plain_name(name) or not path.is_file():
        raise ConfigError(f"env.auth: no {shown(str(path))}; save a login's storage state there")
    state = read_object(path)
    for key in ("cookies", "origins"):
        items = state.setdefault(key, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ConfigError(f"env.auth: {path}: {key} is no list of objects")
    for number, cookie in enumerate(state["cookies"]):
        if why := _cookie_fault(cookie):
            raise ConfigError(f"env.auth: {path}: cookie {number}: {why}")
    return state


def login_gap(
    task: Mapping[str, Any],
    state: Mapping[str, Any] | None,
    sites: Mapping[str, str],
    now: float,
) -> str:
    """Return why a task's agent is not logged in, or may not be; empty for one that is, as far as
    its storage state tells, and for a task that requires no login.

    `sites` are the addresses of the sites by their names, `now` is the time in seconds since 1970.
    """
    if not requires_account(task):
        return ""
    if state is None:
        named = task.get("storage_state")
        lacks = f"env.auth is not set, where {named} is" if named else "it names no storage_state"
        return f"login: the task requires one, and nobody is logged in: {lacks}"
    hosts = [
        urlsplit(sites[name]).hostname or ""
        for name in task["sites"]
        if name in sites and name not in SITES_WITHOUT_ACCOUNTS
    ]
    gaps = [_gap(state, host, now) for host in dict.fromkeys(hosts)]
    found = "; ".join(gap for gap in gaps if gap)
    return f"login: {task['storage_state']} {found}" if found else ""


def requires_account(task: Mapping[str, Any]) -> bool:
    """Say whether a task requires a login, and on a site that has accounts."""
    return task.get("require_login") is True and not SITES_WITHOUT_ACCOUNTS.issuperset(
        task["sites"]
    )


def _gap(state: Mapping[str, Any], host: str, now: float) -> str:
    cookies = [cookie for cookie in state["cookies"] if _is_for(cookie, host)]
    stored = [o for o in state["origins"] if urlsplit(str(o.get("origin"))).hostname == host]
    if not cookies and not any(origin.get("localStorage") for origin in stored):
        return f"holds nothing for {host}: nobody is logged in there"
    old = [cookie for cookie in cookies if SESSION_COOKIE != cookie.get("expires", -1) < now]
    if not old:
        return ""
    more = f" and {len(old) - MOST_NAMES} more" if len(old) > MOST_NAMES else ""
    listed = ", ".join(_dated(old[:MOST_NAMES])) + more
    return f"holds {len(cookies)} cookies for {host}, of which expired: {listed}"


def _dated(cookies: list[Mapping[str, Any]]) -> Iterator[str]:
    for cookie in cookies:
        yield f"{cookie['name']} on {datetime.fromtimestamp(cookie['expires'], UTC):%Y-%m-%d}"


def _is_for(cookie: Mapping[str, Any], host: str) -> bool:
    domain = cookie.get("domain") or urlsplit(str(cookie.get("url"))).hostname or ""
    domain = str(domain).lstrip(".").lower()
    return host == domain or host.endswith(f".{domain}")


def _cookie_fault(cookie: Mapping[str, Any]) -> str:
    """Return why Playwright would refuse a cookie; empty for a sound one."""
    for key in ("name", "value"):
        if not isinstance(cookie.get(key), str):
            return f"its {key} is no text"
    if not cookie.get("url") and not (cookie.get("domain") and cookie.get("path")):
        return "it has neither a url nor a domain and a path"
    expires = cookie.get("expires", SESSION_COOKIE)
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not isfinite(expires):
        return f"expires is {shown(expires)}, not a time in seconds, or -1"
    if expires != SESSION_COOKIE and not 0 < expires < LAST_S:
        return f"expires is {shown(expires)}, not a time in seconds, or -1"
    if cookie.get("sameSite", SAME_SITE[0]) not in SAME_SITE:
        return f"sameSite is {shown(cookie['sameSite'])}; valid: {', '.join(SAME_SITE)}"
    return ""


LAST_S = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""The last second that a cookie's `expires` may name. Milliseconds, which extensions of browsers
write, are beyond it."""
