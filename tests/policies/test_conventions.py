"""The conventions of demonstrations in a checkpoint: what is kept, read and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from longhaul.demos.source import DemoSpec
from longhaul.envs.specs import (
    ActionSpec,
    CameraSpec,
    ObservationSpec,
    Requirement,
    SpecMismatchError,
    StateSpec,
    mismatches,
)
from longhaul.errors import ConfigError
from longhaul.policies.conventions import conventions_of, trained_requirement, without
from tests.demos.made import SPEC

NEEDED = Requirement(
    ObservationSpec((CameraSpec("front", 0, 0),), (StateSpec("robot_obs", 3),)),
    ActionSpec("delta", 2),
)


def test_what_is_kept_is_what_the_learner_names_as_the_data_has_it() -> None:
    kept = json.loads(json.dumps(conventions_of(NEEDED, {"a": SPEC})))
    assert [camera["name"] for camera in kept["cameras"]] == ["front"]
    demanded = trained_requirement({"conventions": kept}, Requirement(remedies={"rate": "hurry"}))
    assert demanded.observation == ObservationSpec(
        SPEC.observation.cameras[:1], SPEC.observation.states[:1]
    )
    assert demanded.action == SPEC.action and demanded.remedies == {"rate": "hurry"}
    assert mismatches(SPEC, demanded) == []
    (told,) = mismatches(replace(SPEC, action=replace(SPEC.action, rate=15.0)), demanded)
    assert told == "action.rate: policy wants 30.0, env has 15.0"


def test_weights_that_say_nothing_demand_the_default() -> None:
    assert trained_requirement({"steps": 3}, NEEDED) is NEEDED


def test_datasets_may_differ_in_sizes_of_pictures_alone() -> None:
    larger = replace(SPEC.observation.cameras[0], height=64)
    other = DemoSpec(replace(SPEC.observation, cameras=(larger,)), SPEC.action)
    kept: Any = conventions_of(NEEDED, {"a": SPEC, "b": other})
    assert (kept["cameras"][0]["height"], kept["cameras"][0]["width"]) == (0, 32)
    slower = replace(SPEC, action=replace(SPEC.action, rate=15.0))
    with pytest.raises(SpecMismatchError, match=r"action\.rate is 30\.0 in a and 15\.0 in b"):
        conventions_of(NEEDED, {"a": SPEC, "b": slower})
    turned = replace(SPEC.observation.states[0], rotation="axis_angle", layout=("x",))
    other = DemoSpec(replace(SPEC.observation, states=(turned,)), SPEC.action)
    with pytest.raises(SpecMismatchError, match=r"robot_obs\.rotation is '' in a"):
        conventions_of(NEEDED, {"a": SPEC, "b": replace(other)})


def test_what_is_resampled_is_no_longer_demanded() -> None:
    full = Requirement(SPEC.observation, SPEC.action)
    assert without(full, []) == full
    pictures = without(full, ["pictures"]).observation
    assert pictures is not None and {(c.height, c.width) for c in pictures.cameras} == {(0, 0)}
    action = without(full, ["rate"]).action
    assert action == replace(SPEC.action, rate=0.0)


@pytest.mark.parametrize(
    "broken",
    [
        3,
        {},
        {"cameras": [], "states": []},
        {"cameras": [{"name": "a"}], "states": [], "action": {"mode": "delta"}},
        {"cameras": [], "states": [], "action": {"mode": "delta", "speed": 3}},
        {"cameras": [], "states": [], "action": {"mode": 3}},
        {"cameras": [], "states": [], "action": {"mode": "delta", "rate": "fast"}},
        {"cameras": [], "states": [], "action": {"mode": "delta", "rate": float("nan")}},
        {"cameras": [], "states": [], "action": {"mode": "delta", "size": True}},
        {"cameras": None, "states": [], "action": {"mode": "delta"}},
    ],
)
def test_conventions_that_cannot_be_are_one_line(broken: Any) -> None:
    with pytest.raises(ConfigError, match="broken conventions") as refused:
        trained_requirement({"conventions": broken}, NEEDED)
    assert "\n" not in str(refused.value)
