"""The rollout loop: env workers, a queue of episodes and one batched policy.

It knows no env and no policy by name. Slots advance on their own: whichever are ready form the
policy's next batch, while the other workers simulate.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from longhaul.envs.episode import Episode, EpisodeRecord, SubtaskOutcome
from longhaul.errors import disk_full
from longhaul.evaluation.loop.actions import ahead, rows
from longhaul.evaluation.loop.messages import Outputs, Reply
from longhaul.evaluation.loop.protocol import start_of
from longhaul.evaluation.loop.workers import Workers
from longhaul.policies.policy import Batch, Declared, Policy, Start, reads_of
from longhaul.profiling import part

PLAYED_STEPS = 30
"""Steps that a worker with a policy of its own takes before it says where it is."""

TRIES = 2
"""How often an episode is attempted if its worker, or what that started, dies or hangs."""


class Journal(Protocol):
    """Where a rollout's results go."""

    def begin(self, episode: Episode) -> Outputs:
        """Say which files the worker shall write beside this episode, and whether somebody watches
        its every step."""

    def acted(self, rows: int, seconds: float, calls: int = 1) -> None:
        """Take note of policy calls over so many slots in all."""

    def finish(self, record: EpisodeRecord) -> None:
        """Keep the record of an episode that has ended."""


@dataclass
class Attempt:
    """An episode on a slot, its last Reply and the policy's share of its time.

    The policy is asked about each step of an episode that is `watched`, and its batches hold all
    observations.
    """

    episode: Episode
    number: int
    started: float
    watched: bool
    reply: Reply | None = None
    policy_s: float = 0.0


class Rollout:
    """Attempts every episode once and hands a record of each to the journal.

    An exception of the env, or an action outside its space, ends that episode with status `error`,
    and so does one of the policy for the episodes it was asked about. An episode that lost its
    worker, or a process beside it, is attempted once more. A full disk ends the rollout with an
    OSError.

    longhaul.evaluation.loop.protocol says when the policy is reset. With workers that are not lazy
    every episode is watched: the policy is asked about each step. Workers that have copies of the
    policy play the episodes that are not watched by themselves.

    `profile` has the workers' CPU seconds by part, if they are measured.
    """

    def __init__(
        self,
        workers: Workers,
        policy: Policy,
        journal: Journal,
        clears_history: bool = False,
    ) -> None:
        self._workers, self._policy, self._journal = workers, policy, journal
        self._clears_history, self._lazy = clears_history, workers.mode.lazy
        self._reads = reads_of(policy)
        self._plays = workers.mode.make_policy is not None
        self.profile: Counter[str] = Counter()
        self._queue: deque[tuple[Episode, int]] = deque()
        self._running: dict[int, Attempt] = {}

    def run(self, episodes: Iterable[Episode]) -> None:
        """Work through the episodes; returns when each has its record."""
        self._queue.extend((episode, 1) for episode in episodes)
        for slot in range(len(self._workers)):
            self._begin(slot)
        while self._running:
            with part("wait"):
                answers = self._workers.wait()
            ready = [slot for slot, reply in answers if self._is_asked(slot, reply)]
            watched = [slot for slot in ready if self._running[slot].watched]
            unwatched = [slot for slot in ready if slot not in watched]
            if unwatched:
                self._act(unwatched, watched=False)
            if watched:
                self._act(watched, watched=True)

    def _begin(self, slot: int) -> None:
        if not self._queue:
            self._running.pop(slot, None)
            return
        episode, number = self._queue.popleft()
        outputs = self._journal.begin(episode)
        watched = outputs.watched or not self._lazy
        self._running[slot] = Attempt(episode, number, time.perf_counter(), watched)
        self._workers.reset(slot, episode, outputs, None if watched else self._reads)

    def _is_asked(self, slot: int, reply: Reply) -> bool:
        """Take in a worker's answer; true if its slot now waits for an action of the policy."""
        attempt = self._running[slot]
        self.profile.update(reply.profile)
        if reply.policy_calls:
            attempt.policy_s += reply.policy_s
            self._journal.acted(reply.policy_calls, reply.policy_s, reply.policy_calls)
        if reply.lost and attempt.number < TRIES:
            self._queue.appendleft((attempt.episode, attempt.number + 1))
            self._begin(slot)
        elif reply.status is not None:
            self._finish(slot, reply)
        elif self._plays and not attempt.watched:
            attempt.reply = reply
            self._workers.play(slot, PLAYED_STEPS)
        else:
            before, attempt.reply = attempt.reply, reply
            told = before.told if before else None
            start = start_of(attempt.episode, told, reply.told, self._clears_history)
            return start is None or self._reset_policy(slot, start)
        return False

    def _reset_policy(self, slot: int, start: Start) -> bool:
        try:
            self._policy.reset([slot], [start])
        except Exception:
            self._fail([slot], traceback.format_exc())
            return False
        return True

    def _act(self, ready: list[int], watched: bool) -> None:
        began = time.perf_counter()
        try:
            with part("copy"):
                seen = self._workers.observations(ready, None if watched else self._reads)
            batch = Batch(tuple(ready), Declared(seen))
            if watched:
                actions = [[action] for action in rows(self._policy.act(batch), len(ready))]
            else:
                actions = ahead(self._policy, batch)
        except Exception:
            self._fail(ready, traceback.format_exc())
            return
        seconds = time.perf_counter() - began
        self._journal.acted(len(ready), seconds)
        for slot, steps in zip(ready, actions, strict=True):
            self._running[slot].policy_s += seconds / len(ready)
            self._workers.step(slot, *steps)

    def _fail(self, slots: list[int], error: str) -> None:
        if full := disk_full(sys.exception()):
            raise full
        for slot in slots:
            last = self._running[slot].reply or Reply()
            self._finish(slot, replace(last, status="error", error=error))

    def _finish(self, slot: int, reply: Reply) -> None:
        attempt = self._running[slot]
        unknown = (SubtaskOutcome(s.name, s.gt_steps) for s in attempt.episode.subtasks)
        wall_s = time.perf_counter() - attempt.started
        timings = {"wall_s": wall_s, "env_s": reply.env_s, "policy_s": attempt.policy_s}
        self._journal.finish(
            EpisodeRecord(
                episode=attempt.episode,
                outcomes=reply.outcomes or tuple(unknown),
                status=reply.status or "error",
                steps=reply.steps,
                timings={name: round(seconds, 4) for name, seconds in timings.items()},
                error=reply.error,
                ending=reply.ending,
            )
        )
        self._begin(slot)
