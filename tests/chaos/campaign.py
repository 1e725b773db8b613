"""Disturbs one job again and again, and keeps what came of it.

A sequence is a fresh folder in which a command is started, disturbed and started again until it has
ended by itself; then its result is compared with that of an undisturbed run, and what is left is
looked for. What stands in the state folder is not done again.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import count
from math import inf
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.chaos import left, serving
from tests.chaos.command import KINDS, OF_SERVERS, Disturbance, Started
from tests.chaos.compare import differences
from tests.chaos.jobs import Job

DISTURBANCES = 4
"""The most disturbances of a sequence."""

TRIES = 8
"""The most starts until a command must have ended by itself."""

ENDED_IN_ORDER = (0, 130, 143)
"""The exit codes of a command that was asked to end and did: nothing may be left at once."""

SHOWN = 4
"""How many of a sequence's faults are printed; all stand in sequences.jsonl."""

SERVED_S = 4.0
"""A server is disturbed at any moment until so long after it could answer."""


class Campaign:
    """The sequences of one job. `commit` names the code: what another code gave is not counted.
    When all is `over`, a sequence is given up. It `needs` the results of other jobs."""

    def __init__(
        self,
        job: Job,
        state: Path,
        places: Mapping[str, Path],
        seed: int,
        commit: str,
        over: threading.Event,
        needs: Sequence[Campaign] = (),
    ) -> None:
        self._needs, self._referring = needs, threading.Lock()
        self.over, self.failed, self._fastest = over, False, inf
        self._lock, self._taken = threading.Lock(), set[int]()
        self.job, self.folder, self.seed, self.commit = job, state / job.name, seed, commit
        self._words, self._cache = job.command(places), state / "cache"
        self._reference = self.folder / "reference"

    @property
    def place(self) -> Path:
        """Return where the undisturbed result is."""
        return self._reference / self.job.result

    def done(self) -> list[dict[str, Any]]:
        """Return the sequences that are complete, of this code."""
        path = self.folder / "sequences.jsonl"
        rows = path.read_text().splitlines() if path.exists() else []
        found = [json.loads(row) for row in rows]
        return [row for row in found if (row["commit"], row["seed"]) == (self.commit, self.seed)]

    def refer(self) -> float:
        """Return how many seconds the command takes undisturbed, after having run it once.

        Raises RuntimeError if it fails or leaves anything.
        """
        notes = self.folder / "reference.json"
        with self._referring:
            written = json.loads(notes.read_text()) if notes.exists() else {}
            if written.get("commit") != self.commit:
                seconds = self._run_undisturbed()
                written = {"commit": self.commit, "seconds": seconds}
                notes.write_text(json.dumps(written) + "\n")
        return float(written["seconds"])

    def _run_undisturbed(self) -> float:
        for other in self._needs:
            other.refer()
        shutil.rmtree(self._reference, ignore_errors=True)
        temp = Path(mkdtemp(prefix="lh-", dir="/tmp"))
        started = Started(self._words, self._reference, temp, self._cache, self.over)
        code = self._finish(started, self._reference)
        seconds = started.seconds()
        self._require_nothing_left(code, temp, started)
        return seconds

    def _require_nothing_left(self, code: int, temp: Path, started: Started) -> None:
        processes, files = left.wait_until_gone(str(temp)), left.files(temp)
        shutil.rmtree(temp)
        if code or processes or files or not self.place.exists():
            said = started.errors.read_text(errors="replace")[-2000:]
            raise RuntimeError(
                f"undisturbed: exit code {code}, processes left {processes}, "
                f"files left {files}\n{said}"
            )

    def begun(self) -> int:
        """Return how many sequences are complete or being done."""
        return len(self._taken | {row["number"] for row in self.done()})

    def take(self) -> int:
        """Return the number of a sequence that nobody has begun."""
        with self._lock:
            used = self._taken | {row["number"] for row in self.done()}
            number = next(n for n in count() if n not in used)
            self._taken.add(number)
            return number

    def sequence(self, number: int) -> dict[str, Any]:
        """Do a sequence, keep what came of it, and return it; nothing if it was given up."""
        seconds = min(self.refer(), self._fastest)
        chance = random.Random(f"{self.seed} {self.job.name} {number}")
        folder, temp = self.folder / f"{number:03d}", Path(mkdtemp(prefix="lh-", dir="/tmp"))
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_name(f"{folder.name}.err").unlink(missing_ok=True)
        done: list[Disturbance] = []
        processes: list[str] = []
        files: list[str] = []
        code = -1
        for _ in range(TRIES):
            if self.over.is_set():
                break
            started = Started(self._words, folder, temp, self._cache, self.over)
            hit = None
            if len(done) < DISTURBANCES:
                kinds = OF_SERVERS if self.job.serves else KINDS
                kind = chance.choices(list(kinds), list(kinds.values()))[0]
                hit = self._disturb(started, kind, chance.uniform(0, seconds), chance)
            if hit is not None:
                done.append(hit)
            of_main = hit is not None and hit.victim == "main"
            code = started.wait() if of_main else self._finish(started, folder)
            processes += left.wait_until_gone(str(temp)).values()
            if hit is not None and hit.kind in ("term", "int") and code in ENDED_IN_ORDER:
                files += left.files(temp)
            if hit is None and not done:  # the machine has become faster
                self._fastest = min(seconds, started.seconds())
            if code == 0 and not of_main:
                break
        files += left.files(temp)
        said = differences(self.place, folder / self.job.result) if code == 0 else ["no end"]
        shutil.rmtree(temp)
        row = {
            "number": number,
            "commit": self.commit,
            "seed": self.seed,
            "disturbances": [asdict(hit) for hit in done],
            "code": code,
            "differences": said,
            "processes": processes,
            "files": files,
        }
        if self.over.is_set():
            return row
        with self._lock, (self.folder / "sequences.jsonl").open("a") as rows:
            rows.write(json.dumps(row) + "\n")
        if not (said or processes or files):
            shutil.rmtree(folder)
        return row

    def _disturb(
        self, started: Started, kind: str, at: float, chance: random.Random
    ) -> Disturbance | None:
        if not self.job.serves:
            return started.disturb(kind, at, chance)
        asking = threading.Thread(target=self._ask_in_vain, args=(started,), daemon=True)
        asking.start()
        return started.disturb(kind, at + chance.uniform(0, SERVED_S), chance)

    def _ask_in_vain(self, started: Started) -> None:
        with suppress(OSError, ValueError, TimeoutError):  # what is asked dies meanwhile
            serving.ask(serving.await_address(started.output), self.job.name == "live")

    def _finish(self, started: Started, folder: Path) -> int:
        """Return the exit code of a command that ends by itself, or of a server that has answered
        and was ended by Ctrl-C."""
        if not self.job.serves:
            return started.wait()
        try:
            place = serving.await_address(started.output)
            answers = serving.ask(place, self.job.name == "live")
        except (OSError, TimeoutError):
            started.process.kill()
            return started.wait()
        target = folder / self.job.result
        target.mkdir(exist_ok=True)
        (target / "answers.json").write_text(json.dumps(answers, sort_keys=True))
        started.process.send_signal(signal.SIGINT)
        code = started.wait(60.0)
        return 0 if code == 130 else code


def work(campaigns: list[Campaign], kills: int, over: threading.Event, say: Any) -> None:
    """Do sequences, of the job of which the fewest have begun, until there were so many
    disturbances or all is `over`."""
    while not over.is_set() and disturbances(campaigns) < kills:
        able = [campaign for campaign in campaigns if not campaign.failed]
        if not able:
            return
        campaign = min(able, key=Campaign.begun)
        try:
            row = campaign.sequence(campaign.take())
        except RuntimeError as error:
            campaign.failed = not over.is_set()
            say(f"{campaign.job.name} {error if campaign.failed else 'given up'}")
            continue
        bad = [*row["differences"], *row["processes"], *row["files"]]
        hits = ", ".join(f"{hit['kind']} {hit['victim']}" for hit in row["disturbances"])
        more = [f"and {len(bad) - SHOWN} more"] if len(bad) > SHOWN else []
        said = "given up" if over.is_set() else "; ".join(bad[:SHOWN] + more) or "equal"
        say(f"{campaign.job.name} {row['number']}: {hits or 'none'}: {said}")


def disturbances(campaigns: list[Campaign]) -> int:
    """Return the number of disturbances so far."""
    return sum(len(row["disturbances"]) for c in campaigns for row in c.done())
