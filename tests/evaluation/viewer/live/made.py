"""A toy arm for live sessions: the toy env with seven numbers, of which the first moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.spaces import Box

from longhaul.demos.recording import Recording, demo_spec
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.live.routes import add_routes
from longhaul.evaluation.viewer.live.saving import Saving
from longhaul.evaluation.viewer.live.session import LiveSession
from longhaul.evaluation.viewer.serve import served
from longhaul.policies.policy import Batch, Policy, Start
from tests.toy import ToyEnv, ToyPolicy


class ArmEnv(ToyEnv):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.action_space = Box(-1.0, 1.0, (7,), np.float32)
        action = replace(self.conventions.action, size=7)
        self.conventions = replace(self.conventions, action=action)


class ArmPolicy(ToyPolicy):
    """Walks straight to the mark; keeps what it was told and what was really done."""

    def __init__(self) -> None:
        super().__init__(noise=0.0)
        self.done: list[float] = []

    def act(self, batch: Batch) -> np.ndarray:
        return np.pad(0.25 * super().act(batch), ((0, 0), (0, 5)))

    def executed(self, slots: Sequence[int], actions: np.ndarray) -> None:
        self.done += actions[:, 0].tolist()

    def last(self) -> Start:
        return self.starts[-1]


def task(**options: Any) -> Task:
    env = ArmEnv(**options)
    return Task(
        make_env=partial(ArmEnv, **options),
        module="",
        conventions=env.conventions,
        observation_space=env.observation_space,
        action_space=env.action_space,
        split="test",
        episodes=env.episodes("test", 5, 0),
        provenance={},
        parts={},
    )


@contextmanager
def serving(live: LiveSession) -> Iterator[str]:
    """Serve a session; yields the address of its page."""
    names = [f"test-{number:04}" for number in range(5)]
    documents = Documents([], live=True)
    with served(documents, extend=lambda app: add_routes(app, live, names)) as address:
        try:
            yield f"{address}#/live"
        finally:
            live.close()  # which answers the questions for news


@contextmanager
def session(
    policy: Policy | None = None,
    demos: Path | None = None,
    given: Task | None = None,
    **options: Any,
) -> Iterator[LiveSession]:
    """A session that runs in a thread of its own until the block ends: of `given`, or of the arm
    with these options."""
    ours = given or task(**options)
    saving = None
    if demos is not None:
        saving = Saving(Recording(demos, demo_spec(ours.conventions), "all"))
    live = LiveSession(ours, policy or ArmPolicy(), saving)
    thread = threading.Thread(target=live.run)
    thread.start()
    try:
        until(live, lambda state: state["ready"])
        yield live
    finally:
        live.close()
        thread.join()


def until(live: LiveSession, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait for a state in which something holds, and return it."""
    state = live.wait_for(-1, 0)
    for _ in range(1000):
        if holds(state):
            return state
        state = live.wait_for(state["version"], 1.0)
    raise AssertionError(f"never came to be; the last state: {state}")


def over(state: dict[str, Any]) -> bool:
    return state["status"] is not None


def at(steps: int) -> Callable[[dict[str, Any]], bool]:
    return lambda state: state["steps"] == steps and not state["running"]
