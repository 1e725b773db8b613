"""The env workers as the main process sees them: small processes that may die or hang."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from typing import Any

import numpy as np
from gymnasium.spaces import Space

from longhaul.envs.episode import Episode
from longhaul.evaluation.loop import worker
from longhaul.evaluation.loop.buffers import SharedObservations
from longhaul.evaluation.loop.forking import LOOK_S, ForkServer
from longhaul.evaluation.loop.messages import (
    LAZY,
    EnvMaker,
    Mode,
    Outputs,
    Play,
    Reply,
    Reset,
    Steps,
)
from longhaul.evaluation.loop.worker import serve
from longhaul.guard import kill_marked
from longhaul.processes import WORKER, worker_mark

CLOSE_S = 5.0


class Workers:
    """`count` processes with one env each, started by a fork server that has the modules loaded.

    A slot is busy from `reset` or `step` until `wait` returns its Reply. A worker that dies, that
    neither answers nor gets on for `hang_s` seconds of wall time, or that says that something died
    which it had started (LostError), is replaced, and its Reply is `lost`.
    `preload` names modules for the fork server to import once, for all workers.
    """

    def __init__(
        self,
        make_env: EnvMaker,
        observation_space: Space[Any],
        count: int,
        hang_s: float,
        preload: Sequence[str] = (),
        mode: Mode = LAZY,
    ) -> None:
        self._make_env, self._hang_s, self.mode = make_env, hang_s, mode
        self._observations = SharedObservations(observation_space, count)
        self._fork_server = ForkServer([worker.__name__, *preload])
        self._deadlines: dict[int, float] = {}
        self._beats: dict[int, int] = {}
        self._workers = [self._start(slot) for slot in range(count)]

    def __len__(self) -> int:
        return len(self._workers)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """Return the process id of each slot's worker."""
        return [process.pid or 0 for process, _ in self._workers]

    def reset(
        self,
        slot: int,
        episode: Episode,
        outputs: Outputs,
        reads: Collection[str] | None = None,
    ) -> None:
        """Begin an episode, giving up the one that the slot may be in. Of its observations those
        named in `reads` will be asked for; None stands for all."""
        self._send(slot, Reset(episode, outputs, reads))

    def step(self, slot: int, *actions: Any) -> None:
        """Take a step with each action of the env's action space in turn, until the episode ends
        or the policy must be reset."""
        self._send(slot, Steps(actions))

    def play(self, slot: int, steps: int) -> None:
        """Take at least so many steps as the worker's own policy says, or end the episode; the mode
        must have a `make_policy`."""
        self._send(slot, Play(steps))

    def wait(self) -> list[tuple[int, Reply]]:
        """Return at least one answer of the busy slots, as soon as there is one.

        Raises OSError where a worker met a full disk.
        """
        while True:
            answers = self._poll()
            if answers or not self._deadlines:
                return answers

    def observations(
        self, slots: Sequence[int], names: Collection[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Return the slots' current observations, arrays (len(slots), ...) by key: those named, or
        all."""
        return self._observations.read(slots, names)

    def close(self) -> None:
        """End all workers, with all that they started: those that do not go by themselves in 5
        seconds are killed."""
        for _, connection in self._workers:
            connection.close()
        deadline = time.monotonic() + CLOSE_S
        for process, _ in self._workers:
            process.join(max(0.0, deadline - time.monotonic()))
        self._end([process for process, _ in self._workers])
        self._workers = []
        self._observations.close()

    def _start(self, slot: int) -> tuple[ForkServerProcess, Connection]:
        context = self._fork_server.context
        here, there = context.Pipe()
        process = context.Process(
            target=serve,
            args=(there, self._make_env, self._observations, slot, self.mode),
            name=f"env-worker-{slot}",
            daemon=True,
        )
        self._fork_server.start(process)
        there.close()
        return process, here

    def _send(self, slot: int, request: Reset | Steps | Play) -> None:
        self._await(slot)
        # If the worker is dead, the next poll reads the end of its connection and says so.
        with suppress(OSError):
            self._workers[slot][1].send(request)

    def _await(self, slot: int) -> None:
        """Give a worker `hang_s` seconds to answer or to get on."""
        self._beats[slot] = self._observations.beats(slot)
        self._deadlines[slot] = time.monotonic() + self._hang_s

    def _poll(self) -> list[tuple[int, Reply]]:
        busy = {self._workers[slot][1]: slot for slot in self._deadlines}
        patience = min(self._deadlines.values(), default=0.0) - time.monotonic()
        answers = []
        for connection in wait(list(busy), max(0.0, patience)):
            slot = busy[connection]  # type: ignore[index]
            answers.append((slot, self._receive(slot)))
            del self._deadlines[slot]
        now = time.monotonic()
        for slot in [slot for slot, deadline in self._deadlines.items() if deadline <= now]:
            if self._observations.beats(slot) != self._beats[slot]:  # it took steps meanwhile
                self._await(slot)
                continue
            reason = f"the env worker gave no answer for {self._hang_s:g} s and was ended"
            answers.append((slot, self._replace(slot, lost(reason))))
            del self._deadlines[slot]
        return answers

    def _receive(self, slot: int) -> Reply:
        process, connection = self._workers[slot]
        try:
            reply: Reply = connection.recv()
        except (EOFError, OSError):
            process.join(CLOSE_S)
            reason = f"the env worker died (exit code {process.exitcode})"
            return self._replace(slot, lost(reason))
        if reply.full is not None:
            raise reply.full
        return self._replace(slot, reply) if reply.lost else reply

    def _replace(self, slot: int, reply: Reply) -> Reply:
        """Put a new worker into a slot, and end the one that a `lost` reply is about."""
        process, connection = self._workers[slot]
        connection.close()
        self._end([process])
        self._workers[slot] = self._start(slot)
        return reply

    def _end(self, processes: Sequence[ForkServerProcess]) -> None:
        """Kill workers that are alive, and what any of them started and left."""
        for process in processes:
            while process.is_alive():  # as far as the fork server has told
                process.kill()
                process.join(LOOK_S)
                self._fork_server.end_if_stopped()
        kill_marked(WORKER, {worker_mark(process.pid or 0) for process in processes})


def lost(reason: str) -> Reply:
    """Return the reply in place of that of a worker that died or hung."""
    return Reply(status="error", error=reason, lost=True)
