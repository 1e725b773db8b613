"""Starts a command of `longhaul` in a folder and disturbs it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import left

ROOT = Path(__file__).parents[2]

ROLES = {
    "driver": ("playwright", "run-driver"),
    "sites": ("longhaul.webagents.sites.serve",),
    "fork server": ("multiprocessing.forkserver",),
    "browser": ("--remote-debugging-pipe",),
}
"""The parts of a command line by which a child is known. A worker is a child of the fork server,
whose command line it has."""

MAIN_SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "int": signal.SIGINT}
KINDS = {"kill": 6, "term": 3, "int": 3, "stop": 2, "kill child": 4, "stop child": 2}
"""What is done, and how often in 20: to the main process, or to one child of a random role. `stop`
is SIGSTOP, and SIGKILL when everything has had time to wait for the stopped process."""

OF_SERVERS = {kind: share for kind, share in KINDS.items() if "child" not in kind}
"""What is done to a server, which has no children that matter."""

STOPPED_S = 2.0
"""How long the main process stays stopped before it is killed."""

ENDS_S = 600.0
"""The most seconds that a command may take to end by itself."""


@dataclass(frozen=True)
class Disturbance:
    """What was done to a command: `kind`, after `at` seconds, and to which `victim`."""

    kind: str
    at: float
    victim: str = "main"


class Started:
    """A command that runs in `folder`, its output in files there beside the folder; `temp` is its
    folder for temporary files, whose path marks all its processes. It is killed when all is `over`.
    """

    def __init__(
        self, words: Sequence[str], folder: Path, temp: Path, cache: Path, over: threading.Event
    ) -> None:
        self.mark, self._began, self._over = str(temp), time.monotonic(), over
        self.output = folder.with_name(f"{folder.name}.out")
        self.errors = folder.with_name(f"{folder.name}.err")
        folder.mkdir(parents=True, exist_ok=True)
        temp.mkdir(parents=True, exist_ok=True)
        ours = {"TMPDIR": str(temp), "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}
        # A cache that torch keeps for the next process, which would lie among the temporary files.
        ours["TORCHINDUCTOR_CACHE_DIR"] = str(cache / "torchinductor")
        with self.output.open("wb") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "longhaul", *words],
                cwd=folder,
                env={**os.environ, **ours, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    def seconds(self) -> float:
        """Return how long the command has been running."""
        return time.monotonic() - self._began

    def wait(self, seconds: float = ENDS_S) -> int:
        """Return the exit code; a command that does not end by itself in time, or before all is
        `over`, is killed (-9)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._over.is_set():
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(1.0)
        self.process.kill()
        return self.process.wait()

    def disturb(self, kind: str, at: float, chance: random.Random) -> Disturbance | None:
        """Do something to the command `at` seconds after its start; None if it had ended before."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, at - self.seconds()))
        if self.process.poll() is not None:
            return None
        if kind in MAIN_SIGNALS:
            self.process.send_signal(MAIN_SIGNALS[kind])
        elif kind == "stop":
            self.process.send_signal(signal.SIGSTOP)
            time.sleep(STOPPED_S)
            self.process.kill()
        else:
            victims = self.children()
            if not victims:
                return None
            role = chance.choice(sorted(victims))
            number = signal.SIGKILL if kind == "kill child" else signal.SIGSTOP
            left.kill(chance.choice(victims[role]), number)
            return Disturbance(kind, round(at, 3), role)
        return Disturbance(kind, round(at, 3))

    def children(self) -> dict[str, list[int]]:
        """Return the ids of the children of each role; what has none, such as a page's process or
        one that only watches, is left alone."""
        found: dict[str, list[int]] = {}
        processes = left.processes(self.mark)
        for pid, line in sorted(processes.items()):
            for role, parts in ROLES.items():
                if pid != self.process.pid and all(part in line for part in parts):
                    forked = role == "fork server" and parent(pid) != self.process.pid
                    found.setdefault("worker" if forked else role, []).append(pid)
            if "multiprocessing.spawn" in line:
                found.setdefault("worker", []).append(pid)
        return found


def parent(pid: int) -> int:
    """Return the id of a process's parent; 0 if the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("\nPPid:\t")[2].partition("\n")[0])
