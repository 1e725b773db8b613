"""Runs a script in processes that can be found again after their parent is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.evaluation.running import TOY

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
"""After so long a process stays for good. On a calm machine all are gone within 5 s."""


@dataclass
class Command:
    """`scripts/<script>.py` in `folder`, with a mark in the environment of all its processes."""

    folder: Path
    arguments: tuple[str, ...]
    env: dict[str, Any] = field(default_factory=dict)
    script: str = "rollout"
    mark: str = field(default_factory=lambda: f"LONGHAUL_TEST={uuid.uuid4().hex}")

    def start(self) -> subprocess.Popen[bytes]:
        options: tuple[str, ...] = ()
        if self.env:
            (self.folder / "configs/env").mkdir(parents=True, exist_ok=True)
            text = yaml.safe_dump({"id": TOY, **self.env})
            (self.folder / "configs/env/toy.yaml").write_text(text)
            # The toy env's module lies in this tree, which is no installed plugin.
            options = ("--plugin", str(ROOT), "--config-dir", str(self.folder / "configs"))
            options = (*options, "env=toy")
        name, _, value = self.mark.partition("=")
        return subprocess.Popen(
            [sys.executable, str(ROOT / f"scripts/{self.script}.py"), *options, *self.arguments],
            cwd=self.folder,
            env={**os.environ, name: value, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
            # A shell's background job ignores Ctrl-C, and what it starts inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def finish(self) -> None:
        """Run to the end."""
        assert self.start().wait(timeout=10 * PATIENCE_S) == 0, (self.folder / "stderr").read_text()

    def pids(self) -> list[int]:
        """Return the processes of this command that are alive, zombies left out."""
        alive = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._is_ours(entry):
                alive.append(int(entry.name))
        return alive

    def _is_ours(self, entry: Path) -> bool:
        try:
            marked = self.mark.encode() in (entry / "environ").read_bytes().split(b"\0")
            return marked and "\nState:\tZ" not in (entry / "status").read_text()
        except OSError:  # gone in between, or not ours to read
            return False

    def kill_main(self, process: subprocess.Popen[bytes]) -> None:
        """SIGKILL the main process alone; return when the others are gone too."""
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.wait_until_gone()

    def wait_until_gone(self) -> None:
        """Return when the last process is gone. Fails where one stays, and ends it."""
        end = time.monotonic() + PATIENCE_S
        while left := self.pids():
            if time.monotonic() > end:
                for pid in left:
                    os.kill(pid, signal.SIGKILL)
                raise AssertionError(f"outlived the main process: {left}")
            time.sleep(0.02)


def records(run: Path) -> list[dict[str, Any]]:
    """Return a run's records in order of their ids, without timings."""
    lines = (run / "episodes.jsonl").read_text().splitlines()
    found = sorted((json.loads(line) for line in lines), key=lambda record: record["id"])
    return [{k: v for k, v in record.items() if k != "timings"} for record in found]


def metrics(run: Path) -> dict[str, Any]:
    """Return what of a summary must not depend on how the run was done."""
    summary = json.loads((run / "summary.json").read_text())
    return {k: v for k, v in summary.items() if k not in ("timing", "provenance")}
