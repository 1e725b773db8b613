"""What an env may offer beside `longhaul.envs.specs.Env`: one protocol for each ability.

An env has an ability if it has the protocol's method; nothing is registered. Whoever wants the
ability asks with `isinstance(env.unwrapped, ...)`, and an env without it works all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, SupportsFloat, runtime_checkable

import numpy as np
from numpy.typing import NDArray

StepResult = tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]
"""What Gymnasium's `step` returns: observation, reward, terminated, truncated, info."""


Wanted = Callable[[Mapping[str, Any], bool], Collection[str]]
"""Returns the names of the observations that somebody will read of the state that a reset or step
led to; it is called with that state's `info` and whether the episode is over."""


@runtime_checkable
class DrawsOnDemand(Protocol):
    """An env that does not draw a picture that nobody reads."""

    def draw_only(self, wanted: Wanted | None) -> None:
        """From the next reset or step on, return only the observations that are wanted, or more;
        with None, all of them, as an env does that was told nothing. Neither what happens nor what
        the others show depends on it."""


class Expert(Protocol):
    """A scripted policy that reads simulator state; it lives in the worker, beside the env."""

    def reset(self, seed: int) -> None:
        """Begin an episode; all the expert's randomness comes from `seed`."""

    def act(self) -> Any:
        """Return the next action, of the env's action space, for the current state."""


@runtime_checkable
class Demonstrates(Protocol):
    """An env that has a scripted expert, for worker parts `expert: act` and `expert: label`."""

    def expert(self) -> Expert:
        """Return the expert of this env's simulator.

        It is called after every reset, and the expert is then reset with the episode's seed.
        """


@dataclass(frozen=True)
class Window:
    """Frames `start` to `stop - 1` of an episode, in which a labeler saw a task being done."""

    start: int
    stop: int
    name: str
    instruction: str


class Labeler(Protocol):
    """Watches an episode from inside the simulator; what it says depends on what it saw alone."""

    def look(self) -> None:
        """Take in the state after a reset or step."""

    def windows(self, seed: int) -> Sequence[Window]:
        """Return what was done in the episode so far; any randomness comes from `seed`."""


@runtime_checkable
class Labels(Protocol):
    """An env that finds out which tasks were done in an episode, for part `labels: windows`."""

    def labeler(self) -> Labeler:
        """Return a labeler of the episode that has just begun; it is called after every reset."""


@runtime_checkable
class Performs(Protocol):
    """An env that carries out a skill in words, for worker part `skills: oracle`."""

    def perform(self, skill: str) -> StepResult:
        """Take one step that does what `skill` says; it is called in place of `step`.

        A skill that cannot be is a step in which nothing happens; `info["refusal"]` says why.
        """


@runtime_checkable
class Captions(Protocol):
    """An env that tells the true scene in words, for worker part `captions: oracle`."""

    def caption(self) -> str:
        """Return the present scene in words; it is called after every reset and step."""


@runtime_checkable
class Verifies(Protocol):
    """An env that knows whether a step did what it was to do, for part `success: oracle`."""

    def succeeded(self) -> bool:
        """Return that of the last step, False after a reset; it is called after each of them."""


@runtime_checkable
class Locates(Protocol):
    """An env that knows where an episode's goals are, for pictures of it; never observed."""

    def targets(self) -> Sequence[NDArray[np.float64]]:
        """Return for each subtask the centers (K, 3) in meters of the things that count.

        The command mgdm-picture calls it once after a reset. The frame is that of the observed
        poses.
        """


@runtime_checkable
class Remarks(Protocol):
    """An env with something to say about a split's episodes before they are played."""

    def remarks(self, split: str) -> Sequence[str]:
        """Return it, a sentence each; it is called once, before a rollout."""


@runtime_checkable
class Remembers(Protocol):
    """An env in which an episode may depend on those before it in the same process.

    A rollout of such an env has one worker and plays all its episodes in one go, in their order.
    """

    def remembers(self) -> str:
        """Return the option by which it does, such as `env.history=kept`, or "" if it does not."""


@runtime_checkable
class Computes(Protocol):
    """An env whose results depend on a program outside Python's packages, such as a browser."""

    def versions(self) -> Mapping[str, str]:
        """Return the versions of such programs by name; it is called once, before a rollout."""


@runtime_checkable
class Discloses(Protocol):
    """An env with something that must stand beside its results, such as a model that judges."""

    def beside(self) -> Mapping[str, str]:
        """Return it by name; it is called once, before a rollout, and goes into every record."""
