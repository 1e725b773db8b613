"""Starting Chromium so that it reaches the allowed origins and nothing else."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from longhaul.errors import LostError, not_installed
from longhaul.processes import group, has_ended, home, is_stopped, marks, owned, parent
from longhaul.webagents.errors import MissingError, PageHangError

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Playwright

EXECUTABLES = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
"""The paths of Debian's builds of Chromium; the first that exists is used. The headless shell has
no profile, no address bar and no windows: it starts in a third of the time, and opens a page in
half."""

DISABLED_FEATURES = (
    # The address bar's drop-down consists of two web pages that start with each window: without
    # them a new page takes half the CPU time.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # Other features that Playwright turns off and that matter here; they are repeated, since
    # Chromium uses the last such list only.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "PaintHolding"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch", "AimEnabled"),
)
"""Features of Chromium that are turned off."""

CHROMIUM_FLAGS = (
    "--no-sandbox",  # it is not available in containers and to root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    f"--disable-features={','.join(DISABLED_FEATURES)}",
    "--no-pings",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
)
"""Chromium's arguments. They keep it from the network by itself, and make pictures equal on all
machines with the same fonts."""

INHERITED_VARIABLES = ("PATH", "LANG", "LC_ALL", "XDG_RUNTIME_DIR", "FONTCONFIG_PATH")
"""The environment variables of this process that Chromium gets; keys and tokens are not among
them."""

BROWSER_CLOSE_S = 10.0
"""The most seconds that a browser may take to close before it is killed. Chosen here."""

DEATH_S = 1.0
"""How long after an error the death of a process may show, in seconds. Chosen here."""

POLL_S = 0.02
"""Seconds between two looks at a process. Chosen here."""

DRIVER_DIED = "onnection closed"
"""The text in Playwright's errors that says that its own process, which drives all browsers, has
ended."""

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """Return `host:port` of an http or https URL, in lower case; empty for any other URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.scheme in DEFAULT_PORTS and parts.hostname else ""


class Browser:
    """A running Chromium. `hosts` maps each allowed origin (`shop.localhost:80`) to the address
    that serves it (`127.0.0.1:43817`).

    Chromium's own resolver maps those and knows no other name, port or address. That holds for
    redirects, scripts, workers and sockets too, costs nothing per request, and keeps URLs
    independent of the ports that were free. Raises MissingError if Chromium or Playwright is not
    installed.
    """

    def __init__(self, hosts: Mapping[str, str], executable: str | None = None) -> None:
        executable = find_browser(executable)
        self.hosts = dict(hosts)
        self._killed = ""
        self._lost = ""
        self._home = tempfile.TemporaryDirectory(
            prefix="chromium-", dir=home(), ignore_cleanup_errors=True
        )
        with self._starting():
            self.running = self._launch(executable)
            self._cdp = self.running.new_browser_cdp_session()
            processes = self._cdp.send("SystemInfo.getProcessInfo")
        self.pid = next(p["id"] for p in processes["processInfo"] if p["type"] == "browser")
        self._driver = self.pid
        while (above := parent(self._driver)) not in (0, os.getpid()):
            self._driver = above

    @contextmanager
    def _starting(self) -> Iterator[None]:
        from playwright.sync_api import Error

        try:
            yield
        except Error as error:
            self._home.cleanup()
            if DRIVER_DIED in str(error):
                restart_driver()
            raise LostError(f"Chromium did not start: {first_line(error)}") from error

    def _launch(self, executable: str) -> Chromium:
        rules = [f"MAP {name} {address}" for name, address in self.hosts.items()]
        resolver = ", ".join([*rules, "MAP * ~NOTFOUND"])
        inherited = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        folder = self._home.name
        return driver().chromium.launch(
            executable_path=executable,
            headless=True,
            args=[*CHROMIUM_FLAGS, f"--host-resolver-rules={resolver}"],
            env={**inherited, **marks(), "HOME": folder, "TMPDIR": folder},
            # Ctrl-C is for the main process to handle.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )

    def allows(self, url: str) -> bool:
        """Say whether a URL is of an allowed origin."""
        return origin(url) in self.hosts

    def count_pages(self, context: str) -> int:
        """Return the number of pages of a context, with those that are about to open. `context` is
        its id in CDP."""
        targets = self._cdp.send("Target.getTargets")["targetInfos"]
        return sum(t["type"] == "page" and t.get("browserContextId") == context for t in targets)

    @contextmanager
    def guard(self, seconds: float) -> Iterator[None]:
        """Kill the browser if the block takes longer than `seconds`: a page whose script does not
        end answers no call, and Playwright would wait for it forever. Raises PageHangError then,
        and for any other error of Playwright, such as after a page's crash; LostError if a process
        of the browser died or was stopped."""
        from playwright.sync_api import Error

        over = threading.Event()
        reason = f"a page did not answer for {seconds:g} s"
        threading.Thread(target=self._kill_late, args=(over, seconds, reason), daemon=True).start()
        try:
            yield
        except Error as error:
            lost = self.lost(DEATH_S)
            if DRIVER_DIED in str(error):
                restart_driver()
            if lost:
                raise LostError(lost) from error
            raise PageHangError(
                self._killed or f"the browser failed: {first_line(error)}"
            ) from error
        finally:
            over.set()

    def _kill_late(self, over: threading.Event, seconds: float, reason: str) -> None:
        # Seconds are counted one by one, so that those do not count in which everything was
        # stopped, as by Ctrl-Z.
        while seconds > 0:
            if over.wait(min(seconds, 1.0)):
                return
            seconds -= 1.0
        self.kill(reason)

    def lost(self, seconds: float = 0.0) -> str:
        """Return which process of the browser died, though nothing here killed it, or was stopped
        (SIGSTOP); empty if none was. A death may show within so many seconds."""
        end = time.monotonic() + seconds
        while not (self._killed or self._lost):
            self._lost = self._look_for_dead()
            if time.monotonic() >= end:
                break
            time.sleep(POLL_S)
        return self._lost

    def _look_for_dead(self) -> str:
        if has_ended(self._driver):
            return "the browser's driver (Playwright's own process) died"
        return "the browser died" if has_ended(self.pid) else ""

    def _look_for_stopped(self) -> str:
        if is_stopped(self._driver):
            return "the browser's driver (Playwright's own process) was stopped"
        with suppress(ProcessLookupError):
            if any(is_stopped(pid) for pid in group(os.getpgid(self.pid))):
                return "a process of the browser was stopped"
        return ""

    def kill(self, reason: str) -> None:
        """Kill the browser, from any thread or event handler; a call that waits for it in a guard
        then raises PageHangError with `reason`."""
        if not (self._killed or self._lost):
            self._lost = self._look_for_dead() or self._look_for_stopped()
        self._killed = self._killed or reason
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the browser with all its processes, and delete its profile."""
        if not has_ended(self._driver):
            with (
                suppress(PageHangError, LostError),
                self.guard(BROWSER_CLOSE_S),
            ):  # it may be dead already, or hang
                self.running.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._home.cleanup()


def find_browser(executable: str | None = None) -> str:
    """Return the path of the browser: `executable`, or the first of EXECUTABLES that is there.

    Raises MissingError, which says how to install it, for a browser or package that is not there.
    """
    wanted = EXECUTABLES if executable is None else (executable,)
    found = [path for path in wanted if Path(path).is_file()]
    if not found:
        raise MissingError(
            f"no browser at {' or '.join(wanted)}; install it "
            "(apt-get install chromium-headless-shell) or set env.chromium to its path"
        )
    for package in ("playwright", "flask"):
        if find_spec(package) is None:
            raise MissingError(not_installed(package, "web"))
    return found[0]


def browser_version(executable: str) -> str:
    """Return what a browser says of its version, such as `Chromium 131.0.6778.85`; "" if it says
    nothing or can't be started."""
    try:
        told = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip()


def driver() -> Playwright:
    """Return this process's Playwright, which is started once: a thread can have only one."""
    return _driver_of(os.getpid())


@cache
def _driver_of(process: int) -> Playwright:
    """Return a process's own Playwright; after a fork the child cannot use its parent's."""
    from playwright.sync_api import sync_playwright

    with owned(TMPDIR=str(home())):  # where the driver puts profiles
        started = sync_playwright().start()
    atexit.register(started.stop)
    return started


def restart_driver() -> None:
    """Stop Playwright after its process has ended; the next browser starts a new one."""
    driver().stop()
    _driver_of.cache_clear()


def first_line(error: Exception) -> str:
    """Return the first line of a Playwright error, which goes on with a call log."""
    return str(error).split("\n", 1)[0].strip()
