"""Declared conventions, and the protocol of an environment of the suite.

An environment says what its cameras, states and actions mean; a policy says what it was made
for. `require_compatible` compares the two before the first step and raises, naming both sides:
no frame, rotation or gripper sign is ever converted silently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from longhaul.envs.episode import Episode
from longhaul.errors import ConfigError

if TYPE_CHECKING:
    import gymnasium


class SpecMismatchError(ConfigError):
    """A policy's declared conventions differ from the environment's."""


REMEDIES = {
    "env": "choose an env, or options of it, that are as the policy wants, or another checkpoint",
    "dataset": "data.options, or a data YAML such as configs/data/droid.yaml, says what it holds",
}
"""What a user may do where a policy and what it is offered do not fit."""

TRANSPOSED = "transposed"

QUATERNION = "quaternion_xyzw"
"""The rotation convention of a unit quaternion (x, y, z, w) in an action's last components."""


@dataclass(frozen=True)
class CameraSpec:
    """One image observation: `name` is its key in the observation dict.

    `kind` is rgb (H, W, 3 uint8), depth (H, W float32 meters along the optical axis), height
    (H, W float32 meters, as seen from above), ids (H, W int32) or rows (H rows of W features);
    `mount` is the frame that carries the camera (world, gripper, head, ...); `orientation` says how
    it lies in the array: upright, upside_down, or TRANSPOSED, its columns being the array's rows.
    """

    name: str
    height: int
    width: int
    kind: str = "rgb"
    mount: str = "world"
    orientation: str = "upright"


@dataclass(frozen=True)
class StateSpec:
    """One vector observation; `layout` names its parts in order, with units."""

    name: str
    size: int
    layout: tuple[str, ...] = ()
    frame: str = ""
    rotation: str = ""
    gripper: str = ""


@dataclass(frozen=True)
class ObservationSpec:
    cameras: tuple[CameraSpec, ...] = ()
    states: tuple[StateSpec, ...] = ()

    def by_name(self) -> dict[str, CameraSpec | StateSpec]:
        """Return every spec under its key in the observation dict."""
        return {
            **{camera.name: camera for camera in self.cameras},
            **{state.name: state for state in self.states},
        }


@dataclass(frozen=True)
class ActionSpec:
    """What an action means. `mode` is delta, absolute, discrete, pick_place or browser.

    `position_scale` (m) and `rotation_scale` (rad) are what a component of 1 stands for;
    `rate` is the control frequency in Hz of simulated time. Fields that do not apply are empty.
    """

    mode: str
    size: int = 0
    frame: str = ""
    rotation: str = ""
    gripper: str = ""
    position_scale: float = 0.0
    rotation_scale: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True)
class EnvSpec:
    """All an evaluation needs to know of an environment besides its spaces.

    `clears_history`: a new subtask starts the policy's history anew (CALVIN's protocol).
    `training`: the split that demonstrations are recorded from; empty for the first.
    `video`: the rgb observations that go side by side into a video.
    """

    observation: ObservationSpec
    action: ActionSpec
    splits: tuple[str, ...]
    clears_history: bool = False
    training: str = ""
    video: tuple[str, ...] = ()


@runtime_checkable
class Env(Protocol):
    """What the suite asks of `gymnasium.make(id).unwrapped`, beside `gymnasium.Env`.

    What an env may offer besides is in longhaul.envs.hooks.

    Construction is cheap: a simulator starts with the first reset. `reset` takes
    `options={"episode": Episode}`; `reset` and `step` return in `info` the current
    `instruction`, `subtask` (its index) and `outcomes` (one SubtaskOutcome per Subtask so far as
    known). `terminated` means that the episode is over by its own rules, `truncated` that it ran
    out of steps.
    """

    conventions: EnvSpec

    def episodes(self, split: str, n: int | None, seed: int) -> Sequence[Episode]:
        """Return the first `n` episodes of a split (all of them if None).

        Raises ConfigError naming the valid splits for an unknown one.
        """

    def provenance(self) -> Mapping[str, str]:
        """Return what of this env belongs to a run's identity: renderer string, asset hash."""


def suite_env(env: gymnasium.Env[Any, Any]) -> Env:
    """Return an env without its wrappers, as one of the suite.

    Raises ConfigError naming what it lacks.
    """
    ours = env.unwrapped
    if not isinstance(ours, Env):
        name = type(ours).__name__
        raise ConfigError(f"{name} lacks conventions, episodes or provenance (longhaul.envs.specs)")
    return ours


@dataclass(frozen=True)
class Requirement:
    """What a policy was made for. None accepts anything; so does an empty field.

    `remedies` says, by the name of a field such as `rate`, what the user may do where an env has
    another value there.
    """

    observation: ObservationSpec | None = None
    action: ActionSpec | None = None
    remedies: Mapping[str, str] = field(default_factory=dict, hash=False)


class Conventions(Protocol):
    """What an EnvSpec has, and the spec of a dataset."""

    @property
    def observation(self) -> ObservationSpec: ...

    @property
    def action(self) -> ActionSpec: ...


def require_compatible(offer: Conventions, policy: Requirement, name: str = "env") -> None:
    """Raise SpecMismatchError unless an env (or a dataset: `name`) offers all that the policy
    requires. It names every difference, both values of each, and the policy's remedies."""
    problems = list(_problems(offer, policy, name))
    if problems:
        told = "; ".join(text for _, text in problems)
        otherwise = REMEDIES.get(name, REMEDIES["env"])
        helps = dict.fromkeys(policy.remedies.get(field, otherwise) for field, _ in problems)
        raise SpecMismatchError(f"policy and {name} do not fit: {told} ({'; '.join(helps)})")


def mismatches(offer: Conventions, policy: Requirement, name: str = "env") -> list[str]:
    """Say where an offer is not what the policy requires, both sides named.

    Cameras and states are matched by name; every non-empty field of the policy's spec must equal
    the offer's.
    """
    return [text for _, text in _problems(offer, policy, name)]


def _problems(offer: Conventions, policy: Requirement, name: str) -> Iterator[tuple[str, str]]:
    """Yield the field that differs, empty where an observation is missing, and what there is to say
    of it."""
    if policy.observation is not None:
        offers = offer.observation.by_name()
        for key, wanted in policy.observation.by_name().items():
            if key in offers:
                yield from _differences(f"observation {key}", wanted, offers[key], name)
            else:
                yield "", f"observation {key}: the {name} offers {sorted(offers)}"
    if policy.action is not None:
        yield from _differences("action", policy.action, offer.action, name)


def _differences(what: str, wanted: Any, offered: Any, name: str) -> Iterator[tuple[str, str]]:
    if type(wanted) is not type(offered):
        kinds = type(wanted).__name__, type(offered).__name__
        yield "", f"{what}: policy wants {kinds[0]}, {name} has {kinds[1]}"
        return
    pairs = [(f.name, getattr(wanted, f.name), getattr(offered, f.name)) for f in fields(wanted)]
    for key, w, o in pairs:
        if w and w != o:
            yield key, f"{what}.{key}: policy wants {w!r}, {name} has {o!r}"
