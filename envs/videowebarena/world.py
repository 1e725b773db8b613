"""The env's backend: the sites, and one browser for all episodes of a worker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from longhaul.envs.videowebarena.login import Login, login_gap, read_state
from longhaul.errors import ConfigError
from longhaul.webagents.browser.chromium import DEATH_S, Browser, origin
from longhaul.webagents.errors import VideoError
from longhaul.webagents.evaluators.magento import MagentoShop
from longhaul.webagents.evaluators.readers import Shop
from longhaul.webagents.generator.generate import LOCAL_SITES
from longhaul.webagents.sites.running import Sites
from longhaul.webagents.tutorials.library import Library
from longhaul.webagents.tutorials.script import Script

LOCAL_HOSTS = {
    name: f"{name}.localhost" for name in ("shop", "forum", "classifieds", "forge", "map")
}

LOCAL_URLS = {
    site: f"http://{LOCAL_HOSTS[local]}" + ("/admin" if site == "shopping_admin" else "")
    for site, local in LOCAL_SITES.items()
}
"""The addresses of the local sites, by the benchmark's names."""

ADMIN_ACCOUNT = "admin"


class World(Protocol):
    """The sites that a task runs on."""

    @property
    def hosts(self) -> Mapping[str, str]:
        """Return the address that serves each allowed origin."""

    def reset(self) -> None:
        """Bring the sites to their start state, if that is possible."""

    def login(self, task: Mapping[str, Any]) -> Login:
        """Return what a task's agent brings along: it is logged in if the task requires it."""

    def login_gap(self, task: Mapping[str, Any]) -> str:
        """Return why a task's agent is not logged in as it should be; empty if it is."""

    def state(self, name: str) -> Mapping[str, Any]:
        """Return a site's state, for the facts of subtasks."""

    def shop(self) -> Shop | None:
        """Return the shop's records."""

    def film(self, library: Library, script: Script, browser: Browser) -> Path:
        """Return the video of a script; local sites record it if there is none yet."""

    def lost(self) -> str:
        """Return what of the suite's own processes died or was stopped; empty if nothing was."""

    def close(self) -> None:
        """End what was started."""


class LocalWorld:
    """The local sites; fulfills World."""

    def __init__(self, seed: int) -> None:
        self._sites = Sites(seed)
        self.hosts = self._sites.hosts
        address = self.hosts[f"{LOCAL_HOSTS['shop']}:80"]
        self._shop = MagentoShop(LOCAL_URLS["shopping"], self._sites.token, address)

    def reset(self) -> None:
        self._sites.reset()

    def login(self, task: Mapping[str, Any]) -> Login:
        if not task.get("require_login"):
            return Login()
        return Login(
            [
                self._sites.cookie(
                    LOCAL_SITES[site], ADMIN_ACCOUNT if site == "shopping_admin" else ""
                )
                for site in task["sites"]
                if site in LOCAL_SITES
            ]
        )

    def login_gap(self, task: Mapping[str, Any]) -> str:
        return ""

    def state(self, name: str) -> Mapping[str, Any]:
        return self._sites.state(name)

    def shop(self) -> Shop | None:
        return self._shop

    def film(self, library: Library, script: Script, browser: Browser) -> Path:
        return library.make(script, browser, self._sites)

    def lost(self) -> str:
        return self._sites.lost()

    def close(self) -> None:
        self._sites.close()


class RemoteWorld:
    """Sites that run elsewhere, such as WebArena's; fulfills World. They are not reset.

    `auth` is a folder of storage states as Playwright saves them (`shopping_state.json`), `token`
    that of the shop's administrator.
    """

    def __init__(self, sites: Mapping[str, str], auth: str | None, token: str | None) -> None:
        origins = {name: origin(url) for name, url in sites.items()}
        for name, address in origins.items():
            if not address:
                raise ConfigError(f"env.sites.{name}={sites[name]} is no http or https address")
        self.hosts = {address: address for address in origins.values()}
        self._sites = dict(sites)
        self._auth = None if auth is None else Path(auth)
        has_shop = token is not None and "shopping" in sites
        self._shop = MagentoShop(sites["shopping"], str(token)) if has_shop else None

    def reset(self) -> None:
        """Nothing can be done."""

    def login(self, task: Mapping[str, Any]) -> Login:
        """Return a storage state. Raises ConfigError for one that is missing."""
        return Login(state=read_state(self._auth, task))

    def login_gap(self, task: Mapping[str, Any]) -> str:
        """Raises ConfigError for a storage state that is missing."""
        return login_gap(task, read_state(self._auth, task), self._sites, time.time())

    def state(self, name: str) -> Mapping[str, Any]:
        return {}

    def shop(self) -> Shop | None:
        return self._shop

    def film(self, library: Library, script: Script, browser: Browser) -> Path:
        """Raises VideoError for a script without a video: only the local sites record one."""
        if not library.has(script):
            raise VideoError(f"no video {library.path(script)}; it is recorded with env.sites=null")
        return library.path(script)

    def lost(self) -> str:
        """Return nothing: what runs elsewhere is not the suite's."""
        return ""

    def close(self) -> None:
        """Nothing was started."""


class Backend:
    """A world and a browser that reaches it; both start with the first use. `anonymous` says that
    nobody can be logged in."""

    def __init__(
        self,
        sites: Mapping[str, str] | None,
        seed: int,
        chromium: str | None,
        auth: str | None,
        token: str | None,
    ) -> None:
        self.urls = LOCAL_URLS if sites is None else dict(sites)
        self.anonymous = sites is not None and auth is None
        self._sites, self._seed, self._chromium = sites, seed, chromium
        self._auth, self._token = auth, token
        self._world: World | None = None
        self._browser: Browser | None = None

    @property
    def world(self) -> World:
        if self._world is None:
            self._world = (
                LocalWorld(self._seed)
                if self._sites is None
                else RemoteWorld(self._sites, self._auth, self._token)
            )
        return self._world

    @property
    def browser(self) -> Browser:
        if self._browser is None:
            self._browser = Browser(self.world.hosts, self._chromium)
        return self._browser

    def lost(self, late: bool = False) -> str:
        """Return what of the browser and the local sites died or was stopped; empty if nothing was.
        After an error a death may be `late` to show."""
        if self._browser is not None and (found := self._browser.lost(DEATH_S if late else 0.0)):
            return found
        return "" if self._world is None else self._world.lost()

    def close(self) -> None:
        """End browser and sites."""
        if self._browser is not None:
            self._browser.close()
        if self._world is not None:
            self._world.close()
        self._browser, self._world = None, None
