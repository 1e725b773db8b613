from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.configs.lhvln import make
from longhaul.envs.episode import EpisodeRecord, SubtaskOutcome
from longhaul.envs.lhvln.conventions import ACTIONS
from longhaul.envs.lhvln.env import LhVlnEnv
from longhaul.envs.lhvln.targets import EpisodeError
from longhaul.errors import ConfigError
from longhaul.evaluation.metrics.metrics import samples
from longhaul.navgen.dataset import lhpr
from longhaul.navgen.trajectories.leg import Leg, Trajectory
from tests.envs.lhvln.flat import _rooms
from tests.envs.lhvln.made import episode, open_flat, write

STOP, LEFT, FORWARD, RIGHT = range(4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "data", episode(), episode(name="task-1", yaw=2.0))


def roll(env: Any, chosen: Any, actions: Any) -> tuple[list[SubtaskOutcome], str, int]:
    """Play actions until the episode is over; returns outcomes, how it ended and its steps."""
    env.reset(options={"episode": chosen})
    for step, action in enumerate(actions, 1):
        _, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            return info["outcomes"], "terminated" if terminated else "truncated", step
    raise AssertionError("the episode did not end")


def by_expert(env: LhVlnEnv, chosen: Any) -> Any:
    env.reset(options={"episode": chosen})
    expert = env.expert()
    expert.reset(chosen.seed)
    while True:
        yield expert.act()


@pytest.mark.parametrize("success", ["official", "strict"])
@pytest.mark.parametrize("yaw", [0.0, 1.0, 3.0])
def test_the_expert_does_it_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch, success: Any, yaw: float
) -> None:
    env, chosen = open_flat(folder, monkeypatch, success=success), episode(yaw=yaw)
    outcomes, ended, steps = roll(env, chosen, by_expert(env, chosen))
    assert ended == "terminated" and all(outcome.success for outcome in outcomes)
    assert [o.end_step for o in outcomes[:-1]] == [o.start_step for o in outcomes[1:]]
    assert outcomes[-1].end_step == steps < 150
    for outcome in outcomes:
        assert outcome.measures["geodesic_end"] < 1.0 < outcome.measures["geodesic_start"]
        assert outcome.oracle_success
    assert [o.measures["nearest"] for o in outcomes] == [5.0, 7.0, 11.0]


def test_the_strict_rule_wants_the_target_in_view(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_the_table = {"position": [2.0, 0.0, 1.0], "yaw": 0.05 - math.pi / 2}  # its back to it
    chosen = episode((("table", 1),), **near_the_table)
    turned = [LEFT] * 6 + [STOP]
    official = open_flat(folder, monkeypatch)
    assert roll(official, chosen, [STOP])[0][0].success
    strict = open_flat(folder, monkeypatch, success="strict")
    assert not roll(strict, chosen, [STOP])[0][0].success
    assert not roll(strict, chosen, [STOP])[0][0].oracle_success
    assert roll(strict, chosen, turned)[0][0].success
    # 27 degrees off straight ahead are in the field of view of 60, 57 are not.
    assert roll(strict, chosen, [*[LEFT] * 5, STOP])[0][0].success
    assert not roll(strict, chosen, [*[LEFT] * 4, STOP])[0][0].success


def test_official_is_below_a_meter_and_strict_at_most(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = 4.6  # the lamp stands on free floor, so it snaps to where it is
    chosen = episode((("lamp", 2),), position=[x + 1.0, 0.0, 3.6], yaw=math.pi / 2)
    for success, expected in (("official", False), ("strict", True)):
        env = open_flat(folder, monkeypatch, success=success)
        (outcome,), _, _ = roll(env, chosen, [STOP])
        assert outcome.measures["geodesic_end"] == pytest.approx(1.0, abs=1e-12)
        if outcome.measures["geodesic_end"] == 1.0:
            assert outcome.success is expected


def test_any_instance_counts_and_the_record_says_which(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch)
    for position, number in (([2.7, 0.0, 3.0], 12.0), ([1.0, 0.0, 3.0], 13.0)):
        (outcome,), _, _ = roll(env, episode((("chair", 1),), position=position), [STOP])
        assert outcome.success
        assert outcome.measures["instances"] == 2
        assert outcome.measures["nearest"] == number


def test_each_stop_closes_a_subtask_and_there_is_no_second_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch)
    outcomes, ended, steps = roll(env, episode(), [STOP] * 9)
    assert (ended, steps) == ("terminated", 3)
    assert [(o.start_step, o.end_step, o.success) for o in outcomes] == [
        (0, 1, False),
        (1, 2, False),
        (2, 3, False),
    ]
    with pytest.raises(RuntimeError, match="is over"):
        env.step(STOP)


def test_the_limit_counts_stops_and_ends_the_current_subtask(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch, max_steps=4)
    outcomes, ended, steps = roll(env, episode(), [STOP, LEFT, LEFT, LEFT, LEFT])
    assert (ended, steps) == ("truncated", 4)
    assert [o.started for o in outcomes] == [True, True, False]
    assert outcomes[1].end_step == 4 and not outcomes[1].success
    assert "geodesic_end" in outcomes[1].measures and not outcomes[2].measures
    # A stop as the last step leaves the next subtask begun and cut off at once.
    outcomes, ended, _ = roll(env, episode(), [LEFT, LEFT, LEFT, STOP])
    assert ended == "truncated" and [o.started for o in outcomes] == [True, True, False]
    # The last subtask's stop ends the episode by its own rules.
    assert roll(env, episode((("cup", 1),)), [LEFT] * 3 + [STOP])[1] == "terminated"


def test_metrics_come_out_of_the_records(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env, chosen = open_flat(folder, monkeypatch), episode()
    outcomes, _, steps = roll(env, chosen, by_expert(env, chosen))
    done = EpisodeRecord(chosen, outcomes, "success", steps)
    outcomes, _, steps = roll(env, chosen, [STOP] * 3)
    failed = EpisodeRecord(chosen, outcomes, "failure", steps)
    found = {name: s.value for name, s in samples([done, failed], "official").items()}
    ends = [o.measures["geodesic_end"] for o in done.outcomes]
    wrong = [o.measures["geodesic_end"] for o in failed.outcomes]
    assert found["sr"] == found["isr"] == found["csr"] == found["cgt"] == found["osr"] == 0.5
    assert found["ne"] == pytest.approx((np.mean(ends) + np.mean(wrong)) / 2)
    tar = 0.5 + sum(1 - (w - 1) / w for w in wrong) / 6
    assert found["tar"] == pytest.approx(tar)
    assert found["contest"] == pytest.approx(0.4 * tar + 0.6 * 0.5)


def test_no_way_leaves_no_distance_and_the_expert_gives_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env, chosen = open_flat(folder, monkeypatch), episode((("vase", 4),))
    (outcome,), _, steps = roll(env, chosen, by_expert(env, chosen))
    assert steps == 1 and not outcome.success
    assert outcome.measures.keys() == {"instances", "nearest", "unreachable"}


def test_observations(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("rgb_front", "depth_left", "pose", "step")
    env = open_flat(folder, monkeypatch, observations=names)
    seen, _ = env.reset(options={"episode": episode()})
    assert env.observation_space.contains(seen) and tuple(seen) == names
    seen, _, _, _, _ = env.step(FORWARD)
    np.testing.assert_allclose(seen["pose"], [2, 0, 1.75, 0], atol=1e-6)
    assert seen["step"].tolist() == [1]
    seen, _, _, _, _ = env.step(LEFT)
    assert seen["pose"][3] == pytest.approx(math.radians(30))
    seen, _, _, _, _ = env.step(RIGHT)
    assert seen["pose"][3] == pytest.approx(0, abs=1e-6)
    assert ACTIONS == ("stop", "turn_left", "move_forward", "turn_right")


def test_captions_are_true(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = open_flat(folder, monkeypatch, parts={"captions": "oracle"}, size=64)
    chosen = episode(position=[5.0, 0.0, 2.5], yaw=-math.pi / 2)  # looks along +x, at the bed
    seen, _ = env.reset(options={"episode": chosen})
    caption = bytes(seen["caption"][: seen["caption_length"][0]]).decode()
    assert "floor" not in caption
    bed = next(text for text in caption.split(". ") if "bed" in text)
    assert "to the left" in bed
    assert "vase" not in caption and "bathtub" not in caption
    assert set(seen) == {"rgb_left", "rgb_front", "rgb_right", "caption", "caption_length"}


def test_a_start_is_drawn_from_the_seed_where_none_is_stored(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch, observations=("pose",))
    chosen = episode(position=None)
    first, again = (env.reset(options={"episode": chosen})[0]["pose"] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    (other,) = env.episodes("val", 1, seed=3)
    assert other.seed != episode().seed and other.start == episode().start


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"position": [20.0, 0.0, 2.0]}, r"its start \[20.0, 0.0, 2.0\] is not navigable"),
        ({"position": [1.0, 0.0, 1.0]}, "is not navigable"),
        ({"robot": "fetch"}, "robot 'fetch' is unknown; did you mean stretch"),
    ],
)
def test_what_cannot_be_run_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Any, message: str
) -> None:
    env = open_flat(folder, monkeypatch)
    with pytest.raises(EpisodeError, match=message) as caught:
        env.reset(options={"episode": episode(**change)})
    assert "task-0" in str(caught.value) and "\n" not in str(caught.value)
    env.reset(options={"episode": episode()})


def test_a_start_beside_the_surface_is_taken_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch, observations=("pose",))
    seen, _ = env.reset(options={"episode": episode(position=[0.1, 0.0, 2.0])})
    np.testing.assert_allclose(seen["pose"][:3], [0.25, 0, 2], atol=1e-5)


def test_a_missing_category_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = open_flat(folder, monkeypatch)
    for targets in ((("piano", 1),), (("cup", 2),)):
        with pytest.raises(EpisodeError, match=r"of the scene has no '(piano|cup)'"):
            env.reset(options={"episode": episode(targets)})


def test_wrong_options_are_one_line(folder: Path, tmp_path: Path) -> None:
    for options, message in (
        ({"kind": "leg"}, "env.kind=leg is unknown; valid: task, step"),
        ({"success": "lax"}, "valid: official, strict"),
        ({"simulator": "gibson"}, "valid: builtin, habitat"),
        ({"observations": ["rgb_up"]}, "env.observations=rgb_up is unknown; valid: rgb_left"),
        ({"size": 0}, "env.size=0 must be at least 1"),
        ({"hfov": 180}, "env.hfov=180 must be"),
        ({"approach": 0.1}, "env.approach=0.1 must be between 0.2 and 1.0 m"),
        ({"dataset": "builtin:small"}, "give a folder"),
        ({"dataset": str(tmp_path / "none")}, "is not a folder"),
        ({"dataset": str(tmp_path)}, "neither dataset.json"),
        ({"scenes": str(tmp_path / "none")}, "env.scenes=.* is not a folder"),
    ):
        with pytest.raises(ConfigError, match=message):
            LhVlnEnv(**{"dataset": str(folder), **options})  # type: ignore[arg-type]


def test_an_option_that_is_null_is_left_at_its_default(folder: Path) -> None:
    given: dict[str, Any] = {"dataset": str(folder), "hfov": 60.0}
    null = make(None, **given, size=None, observations=None, max_steps=None)
    assert null.observation_space == LhVlnEnv(**given).observation_space
    assert null.observation_space != make(None, **given, size=32).observation_space


@pytest.mark.parametrize("approach", [0.4, 0.9])
def test_the_expert_goes_as_near_as_it_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, approach: float
) -> None:
    env = open_flat(folder, monkeypatch, approach=approach)
    outcomes, _, _ = roll(env, episode(), by_expert(env, episode()))
    left = [outcome.measures["geodesic_end"] for outcome in outcomes]
    assert all(outcome.success for outcome in outcomes) and max(left) < approach
    assert max(left) > approach - 0.3  # and no nearer than a move brings it


def test_a_missing_scene_is_found_before_anything_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch)
    (folder / "scenes" / "flat").rmdir()
    with pytest.raises(ConfigError, match="has no scene 'flat'"):
        env.episodes("all", None, 0)
    with pytest.raises(ConfigError, match=r"split val has no episode \(step\)"):
        open_flat(folder, monkeypatch, kind="step").episodes("val", None, 0)


def test_the_published_layout_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task in LHPR-VLN's folders, its scene in a folder as HM3D has them."""
    scene = "00009-vLpv2VX547B"
    (tmp_path / "hm3d" / "val" / scene).mkdir(parents=True)
    chosen = episode(scene=scene, batch=1)
    legs = tuple(Leg(("stop",), ((2.0, 0.0, 2.0, 0.5),) * 2, 3.0) for _ in chosen.subtasks)
    lhpr.write_task(tmp_path / "data", 1, chosen, ["Move_to('cup_1')"], Trajectory("a", legs))
    with pytest.raises(ConfigError, match="has no scenes of its own: env"):
        open_flat(tmp_path / "data", monkeypatch)
    env = open_flat(tmp_path / "data", monkeypatch, scenes=str(tmp_path / "hm3d"))
    (found,) = env.episodes("train", None, 0)
    assert found.start["position"] == [2.0, 0.0, 2.0]
    assert found.start["yaw"] == pytest.approx(0.5)
    outcomes, _, _ = roll(env, found, by_expert(env, found))
    assert all(outcome.success for outcome in outcomes)
    (tmp_path / "hm3d" / "val" / scene).rmdir()
    with pytest.raises(ConfigError, match=f"has no scene '{scene}'"):
        env.episodes("train", None, 0)


def test_a_scene_without_semantics_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = open_flat(folder, monkeypatch)
    monkeypatch.setattr("tests.envs.lhvln.flat.BOXES", ())
    monkeypatch.setattr("tests.envs.lhvln.flat._surface", lambda: _rooms().buffer(-0.2))
    with pytest.raises(EpisodeError, match="the scene has no semantics"):
        env.reset(options={"episode": episode()})
