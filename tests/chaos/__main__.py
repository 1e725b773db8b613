"""python -m tests.chaos: disturb commands at random moments (`bash scripts/chaos.sh`)."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from longhaul.errors import complain
from tests.chaos.campaign import Campaign, disturbances, work
from tests.chaos.command import KINDS, ROOT
from tests.chaos.jobs import JOBS


def main(arguments: Sequence[str] | None = None) -> int:
    """Disturb, and print the table; return 1 if anything differed or was left."""
    given = parser().parse_args(arguments)
    # A command in the background ignores Ctrl-C, and so would all that is started here.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    over = threading.Event()
    state = given.state.resolve()
    names = given.jobs.split(",") if given.jobs else [job.name for job in JOBS]
    campaigns = campaigns_of(state, given.seed, code(), over)
    if unknown := [name for name in names if name not in campaigns]:
        return complain(f"--jobs {unknown[0]} is unknown; valid: {', '.join(campaigns)}")
    chosen = [campaigns[name] for name in names]
    print(f"state: {state}", flush=True)
    lanes = [
        threading.Thread(target=work, args=(chosen, given.kills, over, say))
        for _ in range(given.lanes)
    ]
    try:
        for lane in lanes:
            lane.start()
        end = time.monotonic() + 60 * given.minutes
        while any(lane.is_alive() for lane in lanes) and time.monotonic() < end:
            time.sleep(0.5)
    except KeyboardInterrupt:
        say("interrupted; the same command goes on from here")
    over.set()  # a sequence that is being done is given up
    for lane in lanes:
        lane.join()
    rows, good = table(chosen)
    print(rows)
    return 0 if good else 1


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    reads = argparse.ArgumentParser(prog="chaos.sh", description=__doc__)
    reads.add_argument("--jobs", help=f"by commas; of {','.join(job.name for job in JOBS)}")
    reads.add_argument("--kills", type=int, default=200, help="disturbances in all")
    reads.add_argument("--minutes", type=float, default=240, help="then it ends")
    reads.add_argument("--lanes", type=int, default=2, help="how many commands run at a time")
    reads.add_argument("--seed", type=int, default=0)
    reads.add_argument("--state", type=Path, default=ROOT / "runs/chaos")
    return reads


def campaigns_of(state: Path, seed: int, commit: str, over: threading.Event) -> dict[str, Campaign]:
    """Return every job's campaign by name; a job stands behind those whose results it takes."""
    places = {job.name: state / job.name / "reference" / job.result for job in JOBS}
    made: dict[str, Campaign] = {}
    for job in JOBS:
        needs = [made[name] for name in job.needs(list(made))]
        made[job.name] = Campaign(job, state, places, seed, commit, over, needs)
    return made


def code() -> str:
    """Return the commit, and the state of what is not committed."""
    git = ["git", "-C", str(ROOT)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True)
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")


def table(campaigns: Sequence[Campaign]) -> tuple[str, bool]:
    """Return the table as Markdown, and whether everything was equal and nothing left."""
    heads = ["job", *KINDS, "equal", "processes left", "files left"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    good = True
    for campaign in campaigns:
        done = campaign.done()
        kinds = Counter(hit["kind"] for row in done for hit in row["disturbances"])
        equal = sum(not row["differences"] for row in done)
        lost = [sum(len(row[key]) for row in done) for key in ("processes", "files")]
        good = good and not campaign.failed and equal == len(done) and not any(lost)
        cells = [campaign.job.name, *(kinds[kind] for kind in KINDS)]
        cells += [f"{equal} of {len(done)}", *lost]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    total = disturbances(list(campaigns))
    return "\n".join([*lines, "", f"{total} disturbances at {campaigns[0].commit}"]), good


def say(line: str) -> None:
    """Print what has happened."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
