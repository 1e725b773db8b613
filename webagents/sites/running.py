"""The sites as the worker sees them: a process that it starts, resets and ends."""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from longhaul.errors import LostError
from longhaul.processes import has_ended, is_stopped, owned

START_S = 60.0
"""The most seconds that the sites may take to start, on a busy machine. Chosen here."""

DEATH_S = 1.0
"""How long after an error the death of the process may show, in seconds. Chosen here."""


class SitesError(RuntimeError):
    """The process that serves the sites did not start, or no longer answers."""


@dataclass(frozen=True)
class SiteInfo:
    """A site's host name, and the account of the agent there."""

    host: str
    account: str

    @property
    def url(self) -> str:
        return f"http://{self.host}"


class Sites:
    """All local sites, served by one process on free ports. Raises SitesError if it ends early, and
    LostError, here and later, if it was killed or stopped.

    The process ends with this one, however this one ends: it waits for the end of its input.
    """

    def __init__(self, seed: int = 0) -> None:
        self.token = secrets.token_urlsafe(24)
        with owned():
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "longhaul.webagents.sites.serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        order = {"seed": seed, "token": self.token, "secret": secrets.token_urlsafe(24)}
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        late = threading.Timer(START_S, self._process.kill)
        late.start()
        line = self._process.stdout.readline()
        late.cancel()
        if not line:
            code = self._process.wait()
            if code < 0:  # a signal ended it
                raise LostError(f"the local sites' process died (signal {-code})")
            raise SitesError(f"the local sites ended with code {code}; see above")
        ports = json.loads(line)
        self.address = f"127.0.0.1:{ports['pages']}"
        self._control = http.client.HTTPConnection("127.0.0.1", ports["control"], timeout=START_S)
        self.sites = {name: SiteInfo(**info) for name, info in self._ask("GET", "/sites").items()}

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def hosts(self) -> dict[str, str]:
        """Return the address that serves each site's origin, for the browser's allow-list."""
        return {f"{site.host}:80": self.address for site in self.sites.values()}

    def lost(self) -> str:
        """Say that the process died or was stopped (SIGSTOP); empty if neither is so."""
        if has_ended(self.pid):
            return "the local sites' process died"
        return "the local sites' process was stopped" if is_stopped(self.pid) else ""

    def reset(self) -> None:
        """Reset every site to the state that its seed made."""
        self._ask("POST", "/reset")

    def state(self, name: str) -> Mapping[str, Any]:
        """Return a site's state as plain JSON, for the agent's account."""
        answer: Mapping[str, Any] = self._ask("GET", f"/state/{name}")
        return answer

    def cookie(self, name: str, user: str = "") -> dict[str, Any]:
        """Return the session cookie of a user who is logged in (the agent's account if empty), as
        a browser's context takes it."""
        answer = self._ask("GET", f"/cookie/{name}/{user or self.sites[name].account}")
        return {
            "name": answer["name"],
            "value": answer["value"],
            "url": f"http://{answer['host']}",
            "httpOnly": True,
        }

    def close(self) -> None:
        """End the process."""
        self._control.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _ask(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Length": "0"}
        if lost := self.lost():  # one that is stopped would let the time-out pass
            raise LostError(lost)
        try:
            self._control.request(method, path, headers=headers)
            answer = self._control.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._control.close()
            with suppress(subprocess.TimeoutExpired):  # its death shows a moment later
                self._process.wait(DEATH_S)
            if lost := self.lost():
                raise LostError(lost) from error
            raise SitesError(f"the local sites do not answer to {path}: {error}") from None
        if answer.status != 200:
            raise SitesError(f"the local sites answer {answer.status} to {method} {path}")
        return json.loads(body)
