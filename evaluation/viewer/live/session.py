"""A live session: an env and a policy that viewers can pause, step, control and instruct.

Env and policy are used only in the thread that runs `run`, because a GL context can't change
threads; browsers send commands to it. Nothing that a browser sends, or fails to send, can stop it.
"""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Mapping
from threading import Condition
from typing import Any

import numpy as np

from longhaul.envs.episode import Status
from longhaul.envs.specs import TRANSPOSED
from longhaul.envs.text import numbers_of, texts_of
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.actions import as_batch, check_action, rows
from longhaul.evaluation.loop.protocol import Told, start_of, status_of
from longhaul.evaluation.loop.task import Task
from longhaul.evaluation.recordings.explain_recording import MAX_CURVES, MAX_TEXT_BYTES
from longhaul.evaluation.viewer.live.commands import HAND_COMMANDS, UNLIMITED_STEPS, require_valid
from longhaul.evaluation.viewer.live.hands import hand_for
from longhaul.evaluation.viewer.live.keys import Keyboard
from longhaul.evaluation.viewer.live.saving import Saving
from longhaul.policies.policy import (
    Batch,
    Changes,
    Explains,
    Explanation,
    Observes,
    Picture,
    Policy,
    TakesCorrections,
    Weights,
)
from longhaul.secrets import scrub

IDLE_S = 0.5
"""The longest time in seconds that the idle loop waits before it checks whether it has been closed.
"""


class LiveSession:
    """`state` is what all viewers see, and `version` is increased whenever it changes.

    Commands are dicts with a `do`; a command that is not valid raises ConfigError in the thread
    that sends it.
    """

    def __init__(self, task: Task, policy: Policy, saving: Saving | None) -> None:
        self._task, self._policy, self._saving = task, policy, saving
        self._keyboard = Keyboard(task.conventions.action, task.action_space)
        self._hand = hand_for(task.conventions, task.action_space)
        self._episodes = {episode.id: episode for episode in task.episodes}
        self._episode = task.episodes[0]
        self._env: Any = None
        self._commands: deque[Mapping[str, Any]] = deque()
        self._changed = Condition()
        self._closed = False
        self._left, self._pace = 0, 0.0
        self._typed = ""
        self._told_policy: Told | None = None
        self._explains = False
        self._seen: Mapping[str, Any] = {}
        self._info: Mapping[str, Any] = {}
        self._steps, self._step_ms = 0, 0.0
        self._status: Status | None = None
        self._error = self._saved = self._told = ""
        self._action: Any = None
        self.mind: Explanation = {}
        self.frames: Mapping[str, Any] = {}
        self.version = 0
        self.state: dict[str, Any] = {"ready": False}

    def run(self) -> None:
        """Reset to the first episode, then carry out commands until `close`."""
        try:
            self._reset(self._episode.id)
            while not self._closed:
                command = self._next()
                if command is not None:
                    self._carry_out(command)
                elif self._goes_on:
                    began = time.perf_counter()
                    self._step(None)
                    self._wait(began)
        finally:
            if self._saving is not None:
                self._saving.discard()
            if self._env is not None:
                self._env.close()

    def close(self) -> None:
        """Make `run` return."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def send(self, command: Mapping[str, Any]) -> None:
        """Send a command. Raises ConfigError, in one line, for a command that is not valid."""
        require_valid(command, self._episodes, self._keyboard, self._hand, self._policy)
        if command["do"] == "save" and self._saving is None:
            raise ConfigError("nothing is recorded: start with --demos FOLDER")
        with self._changed:
            self._commands.append(dict(command))
            self._changed.notify_all()

    def wait_for(self, version: int, seconds: float) -> dict[str, Any]:
        """Return the state as soon as it is newer than `version`, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.version > version or self._closed, seconds)
            return {**self.state, "version": self.version}

    def touch(self) -> None:
        """Make all viewers ask again, because something beside the state has changed."""
        with self._changed:
            self.version += 1
            self._changed.notify_all()

    @property
    def _goes_on(self) -> bool:
        return self._left > 0 and self._status is None

    def _next(self) -> Mapping[str, Any] | None:
        with self._changed:
            if not self._commands and not self._goes_on:
                self._changed.wait(IDLE_S)
            return self._commands.popleft() if self._commands else None

    def _wait(self, began: float) -> None:
        """Wait for the next step's time or for a command."""
        if not self._pace:
            return
        with self._changed:
            rest = began + 1 / self._pace - time.perf_counter()
            self._changed.wait_for(lambda: bool(self._commands) or self._closed, max(0.0, rest))

    def _carry_out(self, command: Mapping[str, Any]) -> None:
        do, self._told = command["do"], ""
        if self._status is not None and do in ("run", "keys", "instruct", *HAND_COMMANDS):
            self._told = "the episode is over: reset to one"
        elif do == "pause":
            self._left = 0
        elif do == "run":
            self._left, self._pace = command.get("steps") or UNLIMITED_STEPS, command.get("pace", 0)
        elif do == "reset":
            self._reset(command["episode"])
        elif do == "instruct":
            self._instruct(command["text"].strip())
        elif do == "correct":
            assert isinstance(self._policy, TakesCorrections)
            self._policy.correct(0, command["text"].strip())
        elif do == "explain":
            self._explains = bool(command.get("on")) and isinstance(self._policy, Explains)
        elif do == "keys":
            self._left = 0
            action = self._keyboard.action(command["keys"])
            if action is not None:
                self._step(action)
        elif do in HAND_COMMANDS:
            self._left = 0
            self._by_hand(command)
        elif do == "save":
            self._save()
        self._publish()

    def _instruct(self, text: str) -> None:
        """Tell the policy a typed instruction, or the env's own again if the text is empty."""
        self._typed = text
        try:
            self._reset_policy()
        except Exception:
            self._fail()
            return
        if self._saving is not None and text:
            self._saving.told(text, self._steps)

    def _by_hand(self, command: Mapping[str, Any]) -> None:
        """Carry out a hand's command, unless the picture that it was meant for has changed."""
        assert self._hand is not None
        if command.get("step", self._steps) != self._steps:
            self._told = "the picture has changed meanwhile: look again"
            return
        try:
            action = self._hand.act(command, self._seen)
        except ConfigError as error:
            self._told = str(error)
            return
        if action is not None:
            self._step(action)

    def _reset(self, name: str) -> None:
        self._episode, self._left, self._typed = self._episodes[name], 0, ""
        self._steps, self._status, self._error, self._saved = 0, None, "", ""
        self._action, self.mind = None, {}
        self._keyboard.reset()
        if self._hand is not None:
            self._hand.reset()
        try:
            if self._env is None:
                self._env = self._task.make_env()
            options = {"episode": self._episode}
            self._seen, self._info = self._env.reset(seed=self._episode.seed, options=options)
            self._told_policy = None
            self._reset_policy()
            if self._saving is not None:
                self._saving.begin(self._episode, self._seen, self._info)
        except Exception:
            self._fail()
        self._publish()

    def _reset_policy(self) -> None:
        """Reset the policy if what it is told has changed; a typed instruction comes first."""
        before, now = self._told_policy, Told.of(self._info)
        if self._typed:
            now = now._replace(instruction=self._typed)
        self._told_policy = now
        start = start_of(self._episode, before, now, self._task.conventions.clears_history)
        if start is not None:
            self._policy.reset([0], [start])

    def _step(self, keyed: Any) -> None:
        """Do one step with the policy's action, or with the one that a person chose."""
        began = time.perf_counter()
        try:
            action = self._policy_action()  # in any case, so that its history has no gaps
            if keyed is not None:
                action = keyed
                if isinstance(self._policy, Observes):
                    self._policy.executed([0], as_batch(keyed))
            check_action(self._task.action_space, action, self._task.conventions.action)
            self._seen, _, terminated, truncated, self._info = self._env.step(action)
            self._steps += 1
            self._left = max(0, self._left - 1) if keyed is None else 0
            self._action = action
            self._status = status_of(terminated, truncated, self._info["outcomes"])
            executed = self._info.get("executed_action", action)
            self._keyboard.follow(executed)
            if self._saving is not None:
                self._saving.add(executed, self._seen, self._info, self._status)
            if self._status is None:
                self._reset_policy()
        except Exception:
            self._fail()
        self._step_ms = 1000 * (time.perf_counter() - began)
        self._publish()

    def _policy_action(self) -> Any:
        batch = Batch((0,), as_batch(self._seen))
        action = rows(self._policy.act(batch), 1)[0]
        self.mind = {}
        if self._explains and isinstance(self._policy, Explains):
            self.mind = self._policy.explain(0)
        return action

    def _fail(self) -> None:
        """End the episode and drop the env, whose state is unknown; the next episode makes a new
        one."""
        self._status, self._error, self._left = "error", scrub(traceback.format_exc()), 0
        env, self._env = self._env, None
        if self._saving is not None:
            self._saving.discard()
        try:
            if env is not None:
                env.close()
        except Exception:
            self._error += scrub(f"\nthen:\n{traceback.format_exc()}")

    def _save(self) -> None:
        assert self._saving is not None
        try:
            self._saved = self._saving.save(self._info, self._status)
        except Exception as error:  # told to whoever asked; the session goes on
            self._saved = f"not saved: {type(error).__name__}: {error}"

    def _publish(self) -> None:
        """Make the present state and pictures the ones that viewers get."""
        frames = {  # copies: an env may hand out the same buffers at every step
            camera.name: np.array(upright(self._seen[camera.name], camera.orientation))
            for camera in self._task.conventions.observation.cameras
            if camera.kind == "rgb" and camera.name in self._seen
        }
        frames |= {n: value.image for n, value in self.mind.items() if isinstance(value, Picture)}
        state = self._describe()
        with self._changed:
            self.state, self.frames = state, frames
            self.version += 1
            self._changed.notify_all()

    def _describe(self) -> dict[str, Any]:
        """Return the state that viewers are shown, as plain JSON."""
        subtasks = self._episode.subtasks
        at = int(self._info.get("subtask", 0))
        outcomes = self._info.get("outcomes", ())
        cameras = [c.name for c in self._task.conventions.observation.cameras if c.kind == "rgb"]
        names = [state.name for state in self._task.conventions.observation.states]
        states = {name: self._seen[name] for name in names if name in self._seen}
        actions = self._action if isinstance(self._action, Mapping) else {}
        return {
            "ready": True,
            "episode": self._episode.id,
            "instruction": self._typed or self._info.get("instruction", ""),
            "typed": bool(self._typed),
            "subtasks": [
                [task.name, o.success, o.started and o.end_step is not None]
                for task, o in zip(subtasks, outcomes, strict=False)
            ],
            "subtask": at,
            "steps": self._steps,
            "running": self._goes_on,
            "status": self._status,
            "error": self._error,
            "step_ms": round(self._step_ms, 1),
            "cameras": [name for name in cameras if name in self._seen],
            "pictures": [n for n, value in self.mind.items() if isinstance(value, Picture)],
            "mind": {n: v for n, v in self.mind.items() if isinstance(v, str | float | int)},
            "changes": {n: v.lines for n, v in self.mind.items() if isinstance(v, Changes)},
            "weights": {n: weights(v) for n, v in self.mind.items() if isinstance(v, Weights)},
            "action": numbers(self._action),
            "states": {n: numbers(value) for n, value in numbers_of(states, MAX_CURVES).items()},
            "texts": texts_of({**states, **actions}, MAX_TEXT_BYTES),
            "explains": self._explains,
            "explainable": isinstance(self._policy, Explains),
            "hears": isinstance(self._policy, TakesCorrections),
            "keys": self._keyboard.help,
            "hand": "" if self._hand is None else self._hand.kind,
            "pointable": () if self._hand is None else self._hand.pictures,
            "held": None if self._hand is None else self._hand.held,
            "told": self._told,
            "saving": self._saving is not None and self._saving.holds,
            "saved": self._saved,
        }


def upright(image: Any, orientation: str) -> Any:
    """Return a picture the way a person looks at it."""
    return np.swapaxes(image, 0, 1) if orientation == TRANSPOSED else image


def weights(found: Weights) -> dict[str, Any]:
    """Return weights as plain JSON."""
    return {
        "rows": list(found.rows),
        "ages": [int(age) for age in found.ages],
        "weights": np.round(found.values, 4).tolist(),
        "even": None if found.even is None else np.round(found.even, 6).tolist(),
        "sums": found.shares,
    }


def numbers(value: Any) -> dict[str, list[float]]:
    """Return the numbers of an action or a state by component, without texts and without components
    that have more than MAX_CURVES numbers."""
    if value is None:
        return {}
    named = value if isinstance(value, Mapping) else {"": value}
    flat = {name: np.ravel(found) for name, found in numbers_of(named, MAX_CURVES).items()}
    return {name: [round(float(n), 4) for n in row] for name, row in flat.items()}
