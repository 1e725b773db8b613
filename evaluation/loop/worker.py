"""What runs inside a worker process: one env, one episode at a time.

It answers the messages of longhaul.evaluation.loop.messages. What nobody reads is not drawn: the
env is told what the policy, a video or a recording reads of each state
(longhaul.envs.hooks.DrawsOnDemand).
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import signal
import threading
import time
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any

import gymnasium
import numpy as np

from longhaul import profiling
from longhaul.envs.drawing import draws_on_demand
from longhaul.envs.episode import Episode, Status, SubtaskOutcome
from longhaul.envs.specs import suite_env
from longhaul.errors import LostError, disk_full
from longhaul.evaluation.loop.actions import check_action, save_actions
from longhaul.evaluation.loop.buffers import SharedObservations
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
from longhaul.evaluation.loop.protocol import Told, start_of, status_of
from longhaul.evaluation.loop.replica import Replica
from longhaul.evaluation.recordings.recorder import Recorder
from longhaul.evaluation.recordings.video import VideoWriter
from longhaul.processes import WORKER, worker_mark
from longhaul.profiling import part


class Session:
    """An env and the episode it is in.

    An exception ends the episode with status `error`; the env is then made anew, since nobody
    knows what state its simulator is in.
    """

    def __init__(
        self,
        make_env: EnvMaker,
        observations: SharedObservations,
        slot: int,
        mode: Mode = LAZY,
    ) -> None:
        self._make_env, self._observations, self._slot = make_env, observations, slot
        self._mode = mode
        self._replica: Replica | None = None
        self._env: gymnasium.Env[Any, Any] | None = None
        self._begin(None, Outputs(), None)

    def _begin(
        self, episode: Episode | None, outputs: Outputs, reads: Collection[str] | None
    ) -> None:
        self._outcomes = tuple(
            SubtaskOutcome(name=subtask.name, gt_steps=subtask.gt_steps)
            for subtask in (episode.subtasks if episode else ())
        )
        self._episode, self._outputs, self._reads = episode, outputs, reads
        self._told: Told | None = None
        self._acted_on: Told | None = None
        self._seen: Mapping[str, Any] = {}
        self._left, self._asked = 0, False
        self._video: VideoWriter | None = None
        self._recorder: Recorder | None = None
        self._actions: list[Any] = []
        self._steps, self._env_s = 0, 0.0

    def answer(self, request: Reset | Steps | Play) -> Reply:
        """Carry out one request; never raises for what the env or the action does."""
        try:
            if isinstance(request, Reset):
                return self._reset(request)
            if isinstance(request, Play):
                return self._play(request.steps)
            return self._take(request.actions)
        except LostError:
            self._discard()  # the main process ends this worker with what is left beside it
            reply = Reply(steps=self._steps, outcomes=self._outcomes, env_s=self._env_s)
            return replace(reply, status="error", error=traceback.format_exc(), lost=True)
        except Exception as error:
            return self._fail(traceback.format_exc(), disk_full(error))

    def _reset(self, request: Reset) -> Reply:
        self._discard()
        self._begin(request.episode, request.outputs, request.reads)
        if self._env is None:
            with part("start"):
                self._env = self._make_env()
            self._conventions = suite_env(self._env).conventions
            if self._mode.lazy and (drawing := draws_on_demand(self._env)) is not None:
                drawing.draw_only(self._wanted)
        started = time.perf_counter()
        with part("reset"):
            observation, info = self._env.reset(
                seed=request.episode.seed, options={"episode": request.episode}
            )
        self._env_s += time.perf_counter() - started
        if self._outputs.video is not None:
            every = self._outputs.video_every
            self._video = VideoWriter(self._outputs.video, self._conventions, every)
        if self._outputs.recorder is not None:
            self._recorder = self._outputs.recorder()
        return self._report(observation, info, None)

    def _take(self, actions: Sequence[Any]) -> Reply:
        """Take steps until the episode ends or the policy must be asked or reset."""
        for left, action in zip(range(len(actions))[::-1], actions, strict=True):
            self._left = left
            reply = self._step(action)
            if reply.status is not None or self._asked:
                break
        return reply

    def _play(self, steps: int) -> Reply:
        """Take steps as the worker's own policy says; each begins where the policy is asked."""
        assert self._mode.make_policy is not None and self._episode is not None
        if self._replica is None:
            with part("start"):
                self._replica = Replica(self._mode.make_policy)
        until = self._steps + steps
        while True:
            assert self._told is not None
            clears = self._conventions.clears_history
            actions = self._replica.act(
                self._episode, self._acted_on, self._told, clears, self._seen
            )
            self._acted_on = self._told
            reply = self._take(actions)
            if reply.status is not None or self._steps >= until:
                calls, seconds = self._replica.take_costs()
                return replace(reply, policy_calls=calls, policy_s=seconds)

    def _wanted(self, info: Mapping[str, Any], over: bool) -> Collection[str]:
        """Return which observations of a state are read by the policy, the video and the recorder.

        Nobody acts on an episode's last state: only a video shows it.
        """
        outputs, everything = self._outputs, self._observations.names
        films = outputs.video is not None and (self._video is None or self._video.shows(last=over))
        names = set(self._conventions.video) if films else set()
        if not over and outputs.recorder is not None:
            names.update(everything)
        if not over and self._asks(Told.of(info)):
            names.update(everything if self._reads is None else self._reads)
        return names

    def _asks(self, now: Told) -> bool:
        """Return whether the policy is asked about a state: no action is left, or it must be reset
        before it acts on it."""
        assert self._episode is not None
        clears = self._conventions.clears_history
        return not self._left or start_of(self._episode, self._told, now, clears) is not None

    def _step(self, action: Any) -> Reply:
        if self._env is None or self._episode is None:
            raise RuntimeError("a step before the first reset")
        check_action(self._env.action_space, action, self._conventions.action)
        started = time.perf_counter()
        observation, _, terminated, truncated, info = self._env.step(action)
        self._env_s += time.perf_counter() - started
        self._steps += 1
        self._observations.beat(self._slot)
        executed = info.get("executed_action", action)
        if self._recorder is not None:
            self._recorder.act(executed)
        if self._outputs.actions is not None:
            # A copy: an env may hand out the same buffer at every step.
            self._actions.append(
                {key: np.array(value) for key, value in executed.items()}
                if isinstance(executed, Mapping)
                else np.array(executed)
            )
        return self._report(observation, info, status_of(terminated, truncated, info["outcomes"]))

    def _report(
        self, observation: Mapping[str, Any], info: Mapping[str, Any], status: Status | None
    ) -> Reply:
        now = Told.of(info)
        self._asked, self._told = status is None and self._asks(now), now
        self._seen = observation
        with part("copy"):
            self._observations.write(self._slot, observation, self._reads if self._asked else ())
        outcomes = tuple(info["outcomes"])
        if outcomes != self._outcomes:
            # What a record can't hold is found here, where it costs one episode and not the run.
            json.dumps([asdict(outcome) for outcome in outcomes], allow_nan=False)
            self._outcomes = outcomes
        ending = info.get("ending", {}) if status else {}
        json.dumps(ending, allow_nan=False)
        with part("film"):
            self._film(observation, info, status)
        return Reply(
            instruction=now.instruction,
            subtask=now.subtask,
            steps=self._steps,
            status=status,
            outcomes=self._outcomes if status else (),
            ending=ending,
            env_s=self._env_s,
            profile=profiling.take() if status else {},
        )

    def _film(
        self, observation: Mapping[str, Any], info: Mapping[str, Any], status: Status | None
    ) -> None:
        if self._video is not None:
            self._video.add(observation, info, last=status is not None)
        if self._recorder is not None:
            if status is None:
                self._recorder.observe(observation, info)
            else:
                self._recorder.close(info, status)
                self._recorder = None
        if status is not None:
            self._close_outputs()

    def _fail(self, error: str, full: OSError | None) -> Reply:
        reply = Reply(
            steps=self._steps,
            status="error",
            outcomes=self._outcomes,
            error=error,
            env_s=self._env_s,
            full=full,
        )
        try:
            if full is None:
                self._close_outputs()
            self.close()
        except Exception:  # the first error is the one to report; this one comes along
            reply = Reply(**{**vars(reply), "error": f"{error}\nthen:\n{traceback.format_exc()}"})
        self._env, self._video, self._recorder = None, None, None
        return reply

    def _close_outputs(self) -> None:
        if self._video is not None:
            self._video.close()
            self._video = None
        if self._outputs.actions is not None:
            save_actions(self._outputs.actions, self._actions)

    def _discard(self) -> None:
        """Drop what an episode that the main process gave up has open."""
        if self._video is not None:
            self._video.discard()
            self._video = None
        if self._recorder is not None:
            self._recorder.discard()
            self._recorder = None

    def close(self) -> None:
        """Close the env, if it was ever made."""
        self._discard()
        if self._env is not None:
            self._env.close()
            self._env = None


def serve(
    connection: Connection,
    make_env: EnvMaker,
    observations: SharedObservations,
    slot: int,
    mode: Mode,
) -> None:
    """Answer requests until the main process closes the connection or dies."""
    _die_with_parent()
    gc.freeze()  # what the fork server loaded stays shared: a collection would write into its pages
    os.environ[WORKER] = worker_mark(os.getpid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    session = Session(make_env, observations, slot, mode)
    if mode.profile:
        profiling.start()
    while True:
        try:
            with part("wait"):
                request = connection.recv()
            reply = session.answer(request)
            with part("wait"):
                connection.send(reply)
        except (EOFError, OSError):
            break
    session.close()


def _die_with_parent() -> None:
    """End this process as soon as its parent is gone, whatever it is doing.

    The pipe behind `parent_process()` reaches its end when the parent dies. A thread waits for
    that; and, where the system can (Linux), the kernel sends SIGIO, whose default is to end the
    process, because a thread gets no turn while C code holds the interpreter's lock.
    """
    parent = parent_process()
    if parent is None:
        raise RuntimeError("a worker runs in a process of its own")

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
    pipe = parent.sentinel
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
