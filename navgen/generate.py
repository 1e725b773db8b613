"""The generator: makes a dataset of houses, tasks, trajectories and instructions.

    OUT/scenes/SCENE/            the houses; each folder appears complete
    OUT/generation/SCENE.jsonl   the tasks of one house while it is filled, one per line
    OUT/generation/log.txt       what the command said
    OUT/SPLIT.jsonl              the tasks of a split, written once the houses have enough of them
    OUT/dataset.json             marks the folder as a dataset
    OUT/report.json              counts of what was made and what was rejected

Nothing that exists is made again: after an interruption, `kill -9` included, the same call goes on,
and a call for more tasks adds to the dataset. The result does not depend on the number of
processes.
"""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from longhaul.documents import read_json
from longhaul.envs.lhvln.dataset import write_info
from longhaul.errors import ConfigError
from longhaul.files import remove_tree, replace_file, replacing
from longhaul.interrupts import withheld
from longhaul.navgen.dataset import ours
from longhaul.navgen.fill import Build, Job, Open, fill
from longhaul.navgen.report import Progress, report
from longhaul.navgen.tasks.validate import Rules
from longhaul.processes import is_stopped, owned

GENERATOR_VERSION = 2
"""The generator's version: it rises whenever one seed's houses, tasks or instructions change."""

LOOK_S = 2.0
"""How often it is looked whether a process is stopped, in seconds."""

SPLITS = ("train", "val", "test")
"""The splits of a dataset."""

SPLIT_OF_HOUSE = ("train",) * 7 + ("val",) + ("test",) * 2
"""The splits of ten houses in a row. LHPR-VLN's splits have 130, 15 and 36 scenes."""

TASKS_PER_RUN = 4
"""How many tasks of one scene follow each other in a split. They are few, so that the first tasks
of a split come from many scenes, and more than one, so that not every task opens a scene."""


@dataclass(frozen=True)
class Order:
    """The dataset that is wanted: how many houses and tasks, and how they are made.

    `language` are the options of a chat back end; None means templates. `furniture` identifies the
    furniture that `build` uses.
    """

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
    def generation(self) -> Path:
        """Return the folder that holds the tasks of each house until the splits are written."""
        return self.out / "generation"

    @property
    def identity(self) -> dict[str, Any]:
        """Return all that the tasks of a folder depend on, except for their number."""
        rules = vars(self.rules)
        language = None if self.language is None else dict(self.language)
        found = {
            "version": GENERATOR_VERSION,
            "seed": self.seed,
            "furniture": self.furniture,
            "language": language,
            "rules": rules,
        }
        return json.loads(json.dumps(found))


def generate(order: Order, progress: Progress | None = None) -> dict[str, Any]:
    """Make what is missing of a dataset; return its report, which is also written to report.json.

    The report says if the houses have fewer tasks than wanted, and which houses could not be made.
    `progress` is called with the number of tasks that exist and of those that are wanted. Raises
    ConfigError for a folder that belongs to another order or that another process works on.
    """
    with _locked(order):
        ours.mend(order.generation)
        for scratch in (order.out / "scenes").glob(".*"):
            remove_tree(scratch, inside=order.out)  # a house that was not completed
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
    """Return the split of the house with this number; all tasks of a house are in one split."""
    return SPLIT_OF_HOUSE[index % len(SPLIT_OF_HOUSE)]


def _fill(order: Order, quotas: Mapping[str, int], progress: Progress | None) -> dict[str, str]:
    """Fill every house up to its quota; return the errors by house."""
    jobs = [
        Job(
            scene=name,
            index=index,
            quota=quotas[name],
            seed=order.seed,
            scenes=order.out / "scenes",
            generation=order.generation,
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
    """Yield the jobs as they end, each with its error ("" if it had none).

    Where the caller stops early, as Ctrl-C makes it, the processes are killed: what they had in
    hand is not waited for, and is made again by the next call.
    """
    if workers == 1:
        yield from ((job, fill(job)) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, context, initializer=_die_with_parent)
    try:
        with owned(), withheld():  # here the pool starts its processes
            futures = {pool.submit(fill, job): job for job in jobs}
        for future in _as_completed(futures, set(multiprocessing.active_children()) - others):
            yield futures[future], _fault(future)
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _as_completed(
    futures: Iterable[Future[str]], processes: Collection[BaseProcess]
) -> Iterator[Future[str]]:
    """Yield the futures as they end. A process that somebody stopped (SIGSTOP), at two looks in a
    row, is killed: nothing would end."""
    pending, stopped = set(futures), set[BaseProcess]()
    while pending:
        done, pending = wait(pending, LOOK_S, FIRST_COMPLETED)
        yield from done
        before, stopped = stopped, {p for p in processes if p.pid and is_stopped(p.pid)}
        for process in before & stopped:
            process.kill()


def _fault(future: Future[str]) -> str:
    try:
        return future.result()
    except BrokenProcessPool:
        raise ConfigError(
            "a process of the generator was killed; the same command goes on from there, "
            "workers=1 needs the least memory"
        ) from None


def _die_with_parent() -> None:
    """End this process when the process that started it ends, so that no process writes on."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _counts(order: Order, names: Sequence[str]) -> dict[str, int]:
    """Return how many tasks each house has."""
    paths = {name: order.generation / f"{name}.jsonl" for name in names}
    return {n: p.read_bytes().count(b"\n") if p.is_file() else 0 for n, p in paths.items()}


def _assemble(order: Order, quotas: Mapping[str, int]) -> None:
    """Write the splits from the houses' files, and then dataset.json."""
    found: dict[str, list[tuple[int, int, bytes]]] = {split: [] for split in SPLITS}
    for index, (name, quota) in enumerate(quotas.items()):
        path = order.generation / f"{name}.jsonl"
        rows = path.read_bytes().splitlines(keepends=True)[:quota] if path.is_file() else []
        tasks = found[split_of(index)]
        tasks += [(number // TASKS_PER_RUN, index, line) for number, line in enumerate(rows)]
    for split, tasks in found.items():
        with replacing(order.out / f"{split}.jsonl") as new:
            new.write_bytes(b"".join(line for _, _, line in sorted(tasks, key=lambda t: t[:2])))
    write_info(order.out, SPLITS, generator=order.identity)


@contextmanager
def _locked(order: Order) -> Iterator[None]:
    """Lock the folder of an order, which is created if it does not exist."""
    out, asked = order.out, order.generation / "order.json"
    if out.exists() and not order.generation.is_dir() and any(out.iterdir()):
        raise ConfigError(f"out={out} is not a folder of the generator; choose another")
    order.generation.mkdir(parents=True, exist_ok=True)
    with (order.generation / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigError(f"out={out}: another process works on it; wait for its end") from None
        theirs = read_json(asked) if asked.is_file() else order.identity
        differing = [key for key, value in order.identity.items() if theirs.get(key) != value]
        if differing:
            told = ", ".join(f"{key}={theirs.get(key)}" for key in differing)
            raise ConfigError(f"out={out} was made with {told}; choose another out")
        replace_file(asked, json.dumps(order.identity) + "\n")
        yield
