"""Trains the toy learner in several processes, forked from one that has imported torch once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from torch import distributed as dist

from longhaul.policies.training import distributed
from longhaul.policies.training.train import Trainer
from tests.policies.training.toy import make_trainer

Change = Callable[[Trainer, Path], None]
"""Changes what the trainer of one process does; the folder is that of the test."""

LONG_S = 120.0
"""How long a process waits for a sign of another one until the test has failed, in seconds."""


Ended = list[tuple[int, str]]
"""The exit code of each process, and the words of its exception."""


class Server:
    """A process of its own that forks those which train. It alone imports torch for them, and it
    has never used torch's threads, which a fork would lose."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._asking, answering = context.Pipe()
        self._process = context.Process(target=_serve, args=(answering,))
        self._process.start()
        answering.close()

    def train(
        self,
        folder: Path,
        changes: Sequence[Change | None],
        folders: Sequence[Path] = (),
        timeout_s: float = 600,
        **options: Any,
    ) -> Ended:
        """Train in as many processes as there are changes. `folders` are those of the processes'
        runs, `folder` for all by default; `timeout_s` is that of the collectives."""
        self._asking.send((folder, changes, folders or [folder] * len(changes), timeout_s, options))
        ended: Ended | str = self._asking.recv()
        assert not isinstance(ended, str), ended
        return ended

    def close(self) -> None:
        self._asking.close()
        self._process.join()


def _serve(connection: Connection) -> None:
    import torch._dynamo  # noqa: F401  which every optimizer would import

    while True:
        try:
            asked = connection.recv()
        except EOFError:
            return
        connection.send(_trained(*asked))


def _trained(
    folder: Path,
    changes: Sequence[Change | None],
    folders: Sequence[Path],
    timeout_s: float,
    options: dict[str, Any],
) -> Ended | str:
    context = multiprocessing.get_context("fork")
    members: list[BaseProcess] = []
    (folder / "met").unlink(missing_ok=True)
    for rank, (change, place) in enumerate(zip(changes, folders, strict=True)):
        (folder / f"words-{rank}").write_text("")
        given = (rank, len(changes), folder, place, change, timeout_s, options)
        members.append(context.Process(target=_member, args=given))
        members[-1].start()
    end = time.monotonic() + LONG_S
    for member in members:
        member.join(max(0.0, end - time.monotonic()))
    late = [member for member in members if member.exitcode is None]
    for member in late:
        member.kill()
    if late:
        return f"{len(late)} processes wait for ever"
    words = [(folder / f"words-{rank}").read_text() for rank in range(len(changes))]
    return [(member.exitcode or 0, said) for member, said in zip(members, words, strict=True)]


def _member(
    rank: int,
    world: int,
    folder: Path,
    place: Path,
    change: Change | None,
    timeout_s: float,
    options: dict[str, Any],
) -> None:
    if world > 1:
        _join(rank, world, folder, timeout_s)
    try:
        trainer = make_trainer(place, **options)
        if change is not None:
            change(trainer, folder)
        trainer.run()
    except Exception as error:
        (folder / f"words-{rank}").write_text(f"{type(error).__name__}: {error}")
        os._exit(1)


def _join(rank: int, world: int, folder: Path, timeout_s: float) -> None:
    """Meet the other processes, as torchrun has it done, by a file instead of a port."""
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "LOCAL_WORLD_SIZE": world}
    os.environ |= {name: str(number) for name, number in numbers.items()}
    os.environ |= {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}  # for accelerate: unused
    meet = (folder / "met").as_uri()
    dist.init_process_group("gloo", meet, timedelta(seconds=timeout_s), rank=rank, world_size=world)


def wait_for(*signs: Path) -> None:
    """Wait for files that other processes make."""
    end = time.monotonic() + LONG_S
    while not all(sign.exists() for sign in signs):
        assert time.monotonic() < end, f"no {signs}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Killed:
    """Kills its process with -9 once the losses of a step are reported."""

    at: int

    def __call__(self, trainer: Trainer, _: Path) -> None:
        report = trainer._report

        def dying(kind: str, values: Any) -> None:
            report(kind, values)
            if trainer.step == self.at:
                os.kill(os.getpid(), signal.SIGKILL)

        trainer._report = dying  # type: ignore[method-assign]


def asking(trainer: Trainer, folder: Path) -> None:
    """Leave a file for each of the first three looks at the main process, and one for a step that
    is begun after that of the evaluation."""
    update, asked = trainer._update, [0]

    def updated(batches: Any) -> float:
        if trainer.step == 10:
            (folder / "next step").touch()
        return update(batches)

    def slept(_: float) -> None:
        asked[0] += 1
        (folder / f"asked-{asked[0]}").touch()
        time.sleep(0.01)

    trainer.evaluate = _unused
    trainer._update = updated  # type: ignore[method-assign]
    distributed.time = _Clock(slept)  # type: ignore[assignment]


class _Clock:
    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.sleep = sleep


def _unused(checkpoint: Path, step: int) -> dict[str, float]:
    raise AssertionError("only the main process evaluates")


def evaluating(trainer: Trainer, folder: Path) -> None:
    """Evaluate until the other process has asked three times, and see that it did nothing else."""

    def evaluate(checkpoint: Path, step: int) -> dict[str, float]:
        wait_for(*(folder / f"asked-{n}" for n in (1, 2, 3)))
        assert step != 10 or not (folder / "next step").exists()
        return {"score": float(step)}

    trainer.evaluate = evaluate


def failing(trainer: Trainer, folder: Path) -> None:
    def evaluate(checkpoint: Path, step: int) -> dict[str, float]:
        raise ValueError("no such env")

    trainer.evaluate = evaluate


def dying_main(trainer: Trainer, folder: Path) -> None:
    def evaluate(checkpoint: Path, step: int) -> dict[str, float]:
        wait_for(folder / "asked-1")
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    trainer.evaluate = evaluate


def dying_other(trainer: Trainer, folder: Path) -> None:
    def slept(_: float) -> None:
        (folder / "dead").touch()
        os.kill(os.getpid(), signal.SIGKILL)

    trainer.evaluate = _unused
    distributed.time = _Clock(slept)  # type: ignore[assignment]


def outliving(trainer: Trainer, folder: Path) -> None:
    def evaluate(checkpoint: Path, step: int) -> dict[str, float]:
        wait_for(folder / "dead")
        return {"score": 0.0}

    trainer.evaluate = evaluate


def slow(trainer: Trainer, folder: Path) -> None:
    """Evaluate for three times the collectives' time-out."""

    def evaluate(checkpoint: Path, step: int) -> dict[str, float]:
        time.sleep(30)
        return {"score": float(step)}

    trainer.evaluate = evaluate


def waiting(trainer: Trainer, folder: Path) -> None:
    trainer.evaluate = _unused


def stopped_at_ten(trainer: Trainer, _: Path) -> None:
    update = trainer._update

    def updated(batches: Any) -> float:
        if trainer.step == 10:
            signal.raise_signal(signal.SIGTERM)
        return update(batches)

    trainer._update = updated  # type: ignore[method-assign]
