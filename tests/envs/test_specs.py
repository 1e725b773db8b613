"""A mismatch of conventions is an error that says both sides."""

import pytest

from longhaul.envs.specs import (
    ActionSpec,
    CameraSpec,
    EnvSpec,
    ObservationSpec,
    Requirement,
    SpecMismatchError,
    StateSpec,
    mismatches,
    require_compatible,
)

ENV = EnvSpec(
    observation=ObservationSpec(
        cameras=(CameraSpec("rgb_static", 200, 200),),
        states=(StateSpec("robot_obs", 15, frame="world", rotation="euler_xyz"),),
    ),
    action=ActionSpec(mode="delta", size=7, gripper="open=+1"),
    splits=("D",),
)


def test_what_fits_passes() -> None:
    assert mismatches(ENV, Requirement()) == []
    assert mismatches(ENV, Requirement(observation=ENV.observation, action=ENV.action)) == []
    assert mismatches(ENV, Requirement(action=ActionSpec(mode="delta"))) == []


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (Requirement(action=ActionSpec("absolute")), ("mode", "'absolute'", "'delta'")),
        (
            Requirement(action=ActionSpec("delta", gripper="open=-1")),
            ("gripper", "'open=-1'", "'open=+1'"),
        ),
        (
            Requirement(observation=ObservationSpec(cameras=(CameraSpec("rgb_static", 128, 200),))),
            ("rgb_static.height", "128", "200"),
        ),
        (
            Requirement(
                observation=ObservationSpec(states=(StateSpec("robot_obs", 15, rotation="quat"),))
            ),
            ("robot_obs.rotation", "'quat'", "'euler_xyz'"),
        ),
        (  # a convention that the env leaves open is not the one that the policy was made for
            Requirement(action=ActionSpec("delta", frame="tcp")),
            ("action.frame", "'tcp'", "has ''"),
        ),
        (
            Requirement(observation=ObservationSpec(cameras=(CameraSpec("rgb_head", 9, 9),))),
            ("rgb_head", "robot_obs"),
        ),
        (
            Requirement(observation=ObservationSpec(cameras=(CameraSpec("robot_obs", 9, 9),))),
            ("robot_obs", "CameraSpec", "StateSpec"),
        ),
    ],
)
def test_mismatch_says_both_sides(requirement: Requirement, words: tuple[str, ...]) -> None:
    with pytest.raises(SpecMismatchError) as caught:
        require_compatible(ENV, requirement)
    assert "choose an env, or options of it" in str(caught.value)
    assert all(word in str(caught.value) for word in words)


def test_the_remedy_is_that_of_what_differs() -> None:
    wanted = Requirement(
        ObservationSpec((CameraSpec("rgb_static", 128, 200),)),
        ActionSpec("delta", rate=10.0),
        {"rate": "wait", "height": "crop"},
    )
    with pytest.raises(SpecMismatchError, match=r"has 0\.0 \(crop; wait\)$"):
        require_compatible(ENV, wanted)
    with pytest.raises(SpecMismatchError, match=r"\(data\.options, or a data YAML"):
        require_compatible(ENV, Requirement(action=ActionSpec("absolute")), "dataset")
