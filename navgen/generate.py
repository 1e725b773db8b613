"""The generator: houses, tasks, ways and words, as a dataset's folder.

    OUT/scenes/SCENE/            houses, each of which appears whole
    OUT/generation/SCENE.jsonl   a house's tasks as they are found, a line each
    OUT/SPLIT.jsonl              the same, once there are enough of them, by split
    OUT/dataset.json             makes the folder a dataset
    OUT/report.json              what was made, and what was rejected

Nothing that is there is made again: after any end, `kill -9` included, the same call goes on, and
one that asks for more adds to it. What is made does not depend on the number of processes.
"""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from longhaul.envs.lhvln.dataset import write_info
from longhaul.errors import ConfigError
from longhaul.files import replace_file, replacing
from longhaul.navgen.dataset import ours
from longhaul.navgen.fill import Build, Job, Open, fill
from longhaul.navgen.report import Progress, report
from longhaul.navgen.tasks.validate import Rules

VERSION = 2
"""Of what a seed makes: one more whenever houses, tasks or words of a seed change."""

SPLITS = ("train", "val", "test")

SHARES = ("train",) * 7 + ("val",) + ("test",) * 2
"""Splits of ten houses in a row: about the shares of LHPR-VLN's scenes, 130, 15 and 36."""

CHUNK = 4
"""Tasks of a scene that come one after the other in a split, so that its first ones are from many
scenes, and a scene is not opened for each."""


@dataclass(frozen=True)
class Order:
    """What is wanted. `language` are the options of a chat back end, None for templates;
    `furniture` tells apart what `build` furnishes houses with."""

    out: Path
    houses: int
    tasks: int
    build: Build
    open: Open
    seed: int
    workers: int
    language: Mapping[str, Any] | None = None
    rules: Rules = field(default_factory=Rules)
    furniture: str = ""

    @property
    def parts(self) -> Path:
        return self.out / "generation"

    @property
    def identity(self) -> dict[str, Any]:
        """What a folder's tasks are made from, whatever their number."""
        rules = vars(self.rules)
        language = None if self.language is None else dict(self.language)
        found = {
            "version": VERSION,
            "seed": self.seed,
            "furniture": self.furniture,
            "language": language,
            "rules": rules,
        }
        return json.loads(json.dumps(found))


def generate(order: Order, progress: Progress | None = None) -> dict[str, Any]:
    """Make what is missing of a dataset; returns its report, which is report.json too.

    Where the houses have not so many tasks, the report says so, and so it does of a house that
    could not be made. `progress` is called with the tasks there are and those wanted. Raises
    ConfigError for a folder that belongs to another order or that another process works on.
    """
    with _locked(order):
        ours.mend(order.parts)
        for scratch in (order.out / "scenes").glob(".*"):
            shutil.rmtree(scratch)  # a house that was not written whole
        names = [f"house_{index:04d}" for index in range(order.houses)]
        base, extra = divmod(order.tasks, order.houses)
        quotas = {name: base + (i < extra) for i, name in enumerate(names)}
        faults: dict[str, str] = {}
        while True:
            faults |= _fill(order, quotas, progress)
            counts = _counts(order, names)
            missing = order.tasks - sum(min(counts[name], quotas[name]) for name in names)
            able = [name for name in names if counts[name] >= quotas[name] and name not in faults]
            if missing <= 0 or not able:
                break
            share, extra = divmod(missing, len(able))
            for i, name in enumerate(able):
                quotas[name] += share + (i < extra)
        _assemble(order, quotas)
        made = report(order.out, SPLITS, order.tasks, faults)
        replace_file(order.out / "report.json", json.dumps(made, indent=2) + "\n")
        return made


def split_of(index: int) -> str:
    """Return the split of a house: whole houses, by their number."""
    return SHARES[index % len(SHARES)]


def _fill(order: Order, quotas: Mapping[str, int], progress: Progress | None) -> dict[str, str]:
    """Have every house filled up to its quota; returns what went wrong, by house."""
    jobs = [
        Job(
            scene=name,
            index=index,
            quota=quotas[name],
            seed=order.seed,
            scenes=order.out / "scenes",
            parts=order.parts,
            build=order.build,
            open=order.open,
            language=order.language,
            rules=order.rules,
        )
        for index, name in enumerate(quotas)
    ]
    faults: dict[str, str] = {}
    for job, fault in _run(jobs, order.workers):
        if fault:
            faults[job.scene] = fault
        if progress is not None:
            progress(sum(_counts(order, list(quotas)).values()), order.tasks)
    return faults


def _run(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, str]]:
    """Yield jobs as they end, with their fault."""
    if workers == 1:
        yield from ((job, fill(job)) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_die_with_parent) as pool:
        futures = {pool.submit(fill, job): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], _fault(future)


def _fault(future: Future[str]) -> str:
    try:
        return future.result()
    except BrokenProcessPool:
        raise ConfigError(
            "a process of the generator was killed; the same command goes on from there, "
            "workers=1 needs the least memory"
        ) from None


def _die_with_parent() -> None:
    """End this process when the one that started it is gone, so that none writes on."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _counts(order: Order, names: Sequence[str]) -> dict[str, int]:
    """Return how many tasks each house has."""
    paths = {name: order.parts / f"{name}.jsonl" for name in names}
    return {n: p.read_bytes().count(b"\n") if p.is_file() else 0 for n, p in paths.items()}


def _assemble(order: Order, quotas: Mapping[str, int]) -> None:
    """Write the splits from the houses' parts, and then what makes the folder a dataset."""
    found: dict[str, list[tuple[int, int, bytes]]] = {split: [] for split in SPLITS}
    for index, (name, quota) in enumerate(quotas.items()):
        path = order.parts / f"{name}.jsonl"
        rows = path.read_bytes().splitlines(keepends=True)[:quota] if path.is_file() else []
        tasks = found[split_of(index)]
        tasks += [(number // CHUNK, index, line) for number, line in enumerate(rows)]
    for split, tasks in found.items():
        with replacing(order.out / f"{split}.jsonl") as new:
            new.write_bytes(b"".join(line for _, _, line in sorted(tasks, key=lambda t: t[:2])))
    write_info(order.out, SPLITS, generator=order.identity)


@contextmanager
def _locked(order: Order) -> Iterator[None]:
    """Hold the folder of an order, which is made if it is not there."""
    out, asked = order.out, order.parts / "order.json"
    if out.exists() and not order.parts.is_dir() and any(out.iterdir()):
        raise ConfigError(f"out={out} is not a folder of the generator; choose another")
    order.parts.mkdir(parents=True, exist_ok=True)
    with (order.parts / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(f"out={out}: another process works on it; wait for its end") from None
        theirs = json.loads(asked.read_text()) if asked.is_file() else order.identity
        differing = [key for key, value in order.identity.items() if theirs.get(key) != value]
        if differing:
            told = ", ".join(f"{key}={theirs.get(key)}" for key in differing)
            raise ConfigError(f"out={out} was made with {told}; choose another out")
        replace_file(asked, json.dumps(order.identity) + "\n")
        yield
