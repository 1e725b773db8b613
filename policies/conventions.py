"""The conventions that weights were trained with: a checkpoint keeps them, and acting demands them.

They are those of the demonstrations: sizes of the cameras' pictures, frames, rotations and grippers
of the states, mode, scales and rate of the actions. They stand among the facts of what a checkpoint
was trained on (longhaul.policies.policy.TrainedOn), as `conventions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from longhaul.envs.specs import (
    ActionSpec,
    CameraSpec,
    Conventions,
    ObservationSpec,
    Requirement,
    SpecMismatchError,
    StateSpec,
)
from longhaul.errors import ConfigError

CONVENTIONS_KEY = "conventions"
"""The name of the conventions among the facts."""

SIZES = ("height", "width")
"""The fields of a camera's size, in which datasets that are read as one may differ."""

Spec = TypeVar("Spec", CameraSpec, StateSpec, ActionSpec)


def conventions_of(
    requirement: Requirement, sources: Mapping[str, Conventions]
) -> dict[str, list[dict[str, Any]] | dict[str, Any]]:
    """Return the conventions of datasets, by their names, as plain JSON: of the cameras and states
    that a learner's requirement names, and of the actions.

    A size in which they differ is 0, as any fits. Raises SpecMismatchError if they differ in
    anything else.
    """
    wanted = ObservationSpec() if requirement.observation is None else requirement.observation
    (first, spec), *others = sources.items()
    cameras = {c.name: _part(spec, c) for c in wanted.cameras}
    states = {s.name: replace(_part(spec, s), layout=()) for s in wanted.states}
    for name, other in others:
        told = {"action": (spec.action, other.action)}
        told |= {n: (s, replace(_part(other, s), layout=())) for n, s in states.items()}
        told |= {n: (c, _part(other, c)) for n, c in cameras.items()}
        for what, (mine, theirs) in told.items():
            for key, one, two in _differences(mine, theirs):
                if key not in SIZES:
                    raise SpecMismatchError(
                        f"datasets do not fit together: {what}.{key} is {one!r} in {first} and "
                        f"{two!r} in {name}; learn from one of them"
                    )
                cameras[what] = replace(cameras[what], **{key: 0})
    return {
        "cameras": [asdict(camera) for camera in cameras.values()],
        "states": [{k: v for k, v in asdict(s).items() if k != "layout"} for s in states.values()],
        "action": asdict(spec.action),
    }


def trained_requirement(facts: Mapping[str, Any], default: Requirement) -> Requirement:
    """Return what weights demand of an env by the facts of their training, with the remedies of
    `default`, which holds for weights that do not say it.

    Raises ConfigError for conventions that cannot be read.
    """
    kept = facts.get(CONVENTIONS_KEY)
    if kept is None:
        return default
    try:
        cameras = tuple(_spec(CameraSpec, item) for item in kept["cameras"])
        states = tuple(_spec(StateSpec, item) for item in kept["states"])
        action = _spec(ActionSpec, kept["action"])
    except (LookupError, TypeError, ValueError) as error:
        raise ConfigError(
            f"the checkpoint's metadata has broken conventions ({error}); take another checkpoint"
        ) from None
    return replace(default, observation=ObservationSpec(cameras, states), action=action)


def without(demanded: Requirement, parts: Sequence[str]) -> Requirement:
    """Return what is demanded of an env that may differ in `parts`: pictures, for the sizes of
    cameras, and rate."""
    observation, action = demanded.observation, demanded.action
    if "pictures" in parts and observation is not None:
        cameras = tuple(replace(camera, height=0, width=0) for camera in observation.cameras)
        observation = replace(observation, cameras=cameras)
    if "rate" in parts and action is not None:
        action = replace(action, rate=0.0)
    return replace(demanded, observation=observation, action=action)


def _part(spec: Conventions, wanted: CameraSpec | StateSpec) -> Any:
    return spec.observation.by_name()[wanted.name]


def _differences(one: Spec, two: Spec) -> Iterator[tuple[str, Any, Any]]:
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(two, field.name)
        if mine != theirs:
            yield field.name, mine, theirs


def _spec(kind: type[Spec], item: Any) -> Spec:
    """Return a spec of plain JSON. Raises TypeError or ValueError for fields that it does not have,
    and for values of another type."""
    made = kind(**item)
    for field in fields(made):
        value = getattr(made, field.name)
        valid = {"str": (str,), "int": (int,), "float": (int, float)}.get(str(field.type), (tuple,))
        if type(value) not in valid or (field.type == "float" and not 0 <= value < float("inf")):
            raise ValueError(f"{field.name} is {value!r}")
    return made
