"""CLIPort behind the suite's contract: from maps and sentences to two poses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict

from longhaul.envs.specs import EnvSpec, SpecMismatchError, require_compatible
from longhaul.errors import ConfigError
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.cliport.config import CLIPORT_SMALL
from longhaul.policies.cliport.encoders import Encoders
from longhaul.policies.cliport.model import untrained
from longhaul.policies.cliport.policy import CliportPolicy
from longhaul.policies.cliport.workspace import PIXEL_M, TABLETOP_REQUIREMENT
from longhaul.policies.policy import Batch, Setting, Start
from tests.policies.cliport.tiny import TINY

SLOTS = (0, 1, 2)


def setting(checkpoint: Path | None = None) -> Setting:
    observation, action = TABLETOP_REQUIREMENT.observation, TABLETOP_REQUIREMENT.action
    assert observation is not None and action is not None
    pose = Box(-1, 1, (7,), np.float32)
    spec = EnvSpec(observation, action, ("test",))
    return Setting(spec, Dict({}), Dict({"pose0": pose, "pose1": pose}), 3, checkpoint=checkpoint)


def make(**options: Any) -> CliportPolicy:
    return CliportPolicy(setting(), **{"architecture": "small", "n_rotations": 8, **options})


def observations(seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "rgb_map": random.integers(0, 256, (3, 320, 160, 3), dtype=np.uint8),
        "height_map": random.uniform(0, 0.3, (3, 320, 160)).astype(np.float32),
    }


def starts() -> list[Start]:
    return [Start(f"e{slot}", slot, f"pick up the red block {slot}") for slot in SLOTS]


def act(policy: CliportPolicy, slots: tuple[int, ...] = SLOTS) -> dict[str, np.ndarray]:
    seen = {key: values[list(slots)] for key, values in observations().items()}
    return policy.act(Batch(slots, seen))


def test_poses_are_the_middles_of_pixels_at_the_maps_height() -> None:
    policy = make()
    policy.reset(SLOTS, starts())
    answer, heights = act(policy), observations()["height_map"]
    for key in ("pose0", "pose1"):
        assert answer[key].shape == (3, 7) and answer[key].dtype == np.float32
        for row, pose in enumerate(answer[key].astype(float)):
            column, line = (pose[0] - 0.25) / PIXEL_M - 0.5, (pose[1] + 0.5) / PIXEL_M - 0.5
            assert abs(column - round(column)) < 1e-3 and abs(line - round(line)) < 1e-3
            height = min(heights[row, round(line), round(column)], 0.28)
            assert pose[2] == pytest.approx(height, abs=1e-6)
            assert np.linalg.norm(pose[3:]) == pytest.approx(1) and not pose[3:5].any()
            turn = 2 * np.arctan2(pose[5], pose[6]) / (2 * np.pi / 8)
            assert abs(turn - round(turn)) < 1e-5 and (key == "pose1" or turn == 0)


def test_a_rows_answer_does_not_depend_on_the_others() -> None:
    for options in ({}, {"batch": 2}, {"sample": True}):
        together, alone = make(**options), make(**options)
        together.reset(SLOTS, starts())
        alone.reset(SLOTS, starts())
        answer = act(together)
        for slot in (2, 0, 1):
            one = act(alone, (slot,))
            for key in answer:
                np.testing.assert_array_equal(one[key][0], answer[key][slot])


def test_samples_come_from_the_episodes_seed() -> None:
    policy = make(sample=True, temperature=100.0)
    runs = []
    for shift in (0, 0, 7):
        policy.reset(SLOTS, [Start(s.episode_id, s.seed + shift, s.instruction) for s in starts()])
        runs.append([act(policy), act(policy)])
    np.testing.assert_array_equal(runs[0][1]["pose1"], runs[1][1]["pose1"])
    assert not np.array_equal(runs[0][0]["pose0"], runs[0][1]["pose0"])
    assert not np.array_equal(runs[0][0]["pose0"], runs[2][0]["pose0"])
    cold = make(sample=True, temperature=1e-6)
    best = make()
    for each in (cold, best):
        each.reset(SLOTS, starts())
    np.testing.assert_array_equal(act(cold)["pose0"], act(best)["pose0"])


def test_each_sentence_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, heard = make(), []
    encode = policy._encode
    monkeypatch.setattr(policy, "_encode", lambda s: heard.append(s) or encode(s))
    policy.reset(SLOTS, starts())
    policy.reset(SLOTS, starts())
    policy.reset([1], [Start("e9", 9, "another", new_episode=False)])
    assert heard == [*(start.instruction for start in starts()), "another"]


def test_a_checkpoint_acts_as_the_network_that_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    hashes = Encoders.find(CLIPORT_SMALL, None, None).hashes
    CLIPORT_CHECKPOINTS.save(
        path, CLIPORT_SMALL, untrained(CLIPORT_SMALL, 3).half().float().state_dict(), hashes
    )
    loaded, saved = CliportPolicy(setting(path)), make(seed=3, n_rotations=36)
    assert loaded.trained and not saved.trained
    for policy in (loaded, saved):
        policy.reset(SLOTS, starts())
    far = np.abs(act(loaded)["pose0"] - act(saved)["pose0"])
    assert np.median(far[:, :2]) < 0.02
    assert len(loaded.provenance()["checkpoint"]) == 64
    assert saved.provenance()["checkpoint"] == "none"
    CLIPORT_CHECKPOINTS.save(
        path, CLIPORT_SMALL, untrained(CLIPORT_SMALL, 3).state_dict(), {"text": "00" * 32}
    )
    with pytest.raises(ConfigError, match="trained with the text encoder 0000"):
        CliportPolicy(setting(path))


def test_wrong_options_are_one_line() -> None:
    for options, message in (
        ({"batch": 0}, "policy.batch=0 must be a whole number"),
        ({"n_rotations": 1.5}, "policy.n_rotations=1.5"),
        ({"temperature": 0}, "policy.temperature=0 must be above 0"),
        ({"architecture": "published"}, "needs policy.text_folder"),
        ({"architecture": "big"}, "policy.architecture=big is unknown; valid: small, published"),
    ):
        with pytest.raises(ConfigError, match=message) as caught:
            make(**options)
        assert "\n" not in str(caught.value)


def test_an_env_of_other_conventions_is_refused() -> None:
    spec = setting().env
    require_compatible(spec, make().requirement)
    camera = TINY and spec.observation.cameras[0]
    other = type(spec.observation)((type(camera)("rgb_map", 160, 160),))
    with pytest.raises(SpecMismatchError, match=r"height.*policy wants 320"):
        require_compatible(EnvSpec(other, spec.action, ("test",)), make().requirement)
