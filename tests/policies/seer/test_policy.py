"""The policy as the rollout loop sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Dict

from longhaul.demos.resize import resize
from longhaul.envs.specs import EnvSpec
from longhaul.errors import ConfigError
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.seer import policy as module
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.initialize import untrained
from longhaul.policies.seer.policy import CALVIN_REQUIREMENT, SeerPolicy
from longhaul.policies.seer.preprocess import proprioception
from longhaul.policies.seer.reference import official_step
from tests.policies.seer.small import TINY, lively

READS_MINILM = replace(TINY, text_width=384)
STARTS = [Start("a", 1, "open the drawer"), Start("b", 2, "push the red block left")]


def setting(checkpoint: Path | None = None) -> Setting:
    assert CALVIN_REQUIREMENT.observation is not None and CALVIN_REQUIREMENT.action is not None
    spec = EnvSpec(CALVIN_REQUIREMENT.observation, CALVIN_REQUIREMENT.action, splits=("D",))
    return Setting(spec, Dict(), Box(-1, 1, (7,)), slots=2, checkpoint=checkpoint)


def observations(steps: int) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    return [
        {
            "rgb_static": rng.integers(0, 256, (2, 200, 200, 3), dtype=np.uint8),
            "rgb_gripper": rng.integers(0, 256, (2, 84, 84, 3), dtype=np.uint8),
            "robot_obs": rng.choice([-1.0, 1.0], (2, 15)).astype(np.float32),
        }
        for _ in range(steps)
    ]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    SEER_CHECKPOINTS.save(path, READS_MINILM, lively(READS_MINILM).state_dict())
    return path


def test_acts_as_the_published_evaluation(checkpoint: Path) -> None:
    policy = SeerPolicy(setting(checkpoint))
    model = lively(READS_MINILM)
    policy.reset([0, 1], STARTS)
    history: list[tuple[torch.Tensor, ...]] = []
    for seen in observations(READS_MINILM.history + 3):
        actions = policy.act(Batch((0, 1), seen))
        cameras = [resize(seen[name], model.config.image_size) for name in CAMERAS]
        history.append((torch.stack(cameras, 1), *proprioception(seen["robot_obs"])))
        window = [torch.stack(x, 1) for x in zip(*history[-model.config.history :], strict=True)]
        text = torch.stack([policy.texts[start.instruction] for start in STARTS])
        arm, gripper = official_step(model, None, *window, text)
        np.testing.assert_allclose(actions[:, :6], arm[:, 0], atol=1e-5)
        np.testing.assert_array_equal(actions[:, 6], np.where(gripper[:, 0] > 0.5, 1, -1))
        assert actions.dtype == np.float32 and actions.shape == (2, 7)
    assert policy.trained and len(policy.provenance()["checkpoint"]) == 64


CAMERAS = ("rgb_static", "rgb_gripper")


def test_a_subtasks_start_clears_history_too(checkpoint: Path) -> None:
    one, fresh = SeerPolicy(setting(checkpoint)), SeerPolicy(setting(checkpoint))
    one.reset([0, 1], STARTS)
    seen = observations(3)
    for step in seen[:2]:
        one.act(Batch((0, 1), step))
    for policy in (one, fresh):
        policy.reset([1], [replace(STARTS[0], new_episode=False)])
    row = {key: array[1:] for key, array in seen[2].items()}
    np.testing.assert_array_equal(one.act(Batch((1,), row)), fresh.act(Batch((1,), row)))


def test_replan_asks_the_network_less_often(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = SeerPolicy(setting(checkpoint), replan=3)
    asked = []
    predict = policy.actor.predict
    monkeypatch.setattr(policy.actor, "predict", lambda s: asked.append(list(s)) or predict(s))
    policy.reset([0, 1], STARTS)
    for step, seen in enumerate(observations(6)):
        if step == 2:
            policy.reset([1], STARTS[:1])
        policy.act(Batch((0, 1), seen))
    assert asked == [[0, 1], [1], [0], [1]]
    assert policy.actor.seen.tolist() == [6, 4]


def test_without_a_checkpoint_a_small_untrained_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHIPPED_WEIGHTS", Path("/nonexistent"))
    one, same = SeerPolicy(setting()), SeerPolicy(setting(), architecture="small")
    assert one.trained is False and one.provenance()["checkpoint"] == "none"
    assert one.provenance() == same.provenance()
    seen = observations(1)[0]
    for policy in (one, same):
        policy.reset([0, 1], STARTS)
    np.testing.assert_array_equal(one.act(Batch((0, 1), seen)), same.act(Batch((0, 1), seen)))


def test_the_shipped_checkpoint_is_the_default(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHIPPED_WEIGHTS", checkpoint)
    policy = SeerPolicy(setting())
    assert policy.trained and policy.provenance()["architecture"] == "tiny"
    assert SeerPolicy(setting(), architecture="small").trained is False


def test_what_does_not_fit_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is Seer 'tiny', the policy is Seer 'small'"):
        SeerPolicy(setting(checkpoint), architecture="small")
    with pytest.raises(ConfigError, match=r"policy\.vision_folder"):
        SeerPolicy(setting(), architecture="base")
    with pytest.raises(ConfigError, match="valid: small, base, large"):
        SeerPolicy(setting(), architecture="tiny")
    with pytest.raises(ConfigError, match=r"valid: 1\.\.3"):
        SeerPolicy(setting(checkpoint), chunk=4)
    for wrong in (0, "two", 1.5):
        with pytest.raises(ConfigError, match=rf"policy\.batch={wrong} must be a whole number"):
            SeerPolicy(setting(checkpoint), batch=wrong)  # type: ignore[arg-type]
    config = replace(READS_MINILM, gripper_width=True)
    path = tmp_path / "libero.safetensors"
    SEER_CHECKPOINTS.save(path, config, untrained(config, 0).state_dict())
    with pytest.raises(ConfigError, match="finger positions"):
        SeerPolicy(setting(path))


@pytest.mark.parametrize(
    ("history", "replan", "asked"), [(1, 3, 3), (2, 3, 5), (4, 3, 7), (1, 1, 7)]
)
def test_acting_ahead_looks_at_no_other_frames(
    history: int, replan: int, asked: int, tmp_path: Path
) -> None:
    """A prediction at every third step from two frames looks at two frames in three."""
    config = replace(READS_MINILM, history=history)
    path = tmp_path / "tiny.safetensors"
    SEER_CHECKPOINTS.save(path, config, lively(config).state_dict())
    ahead, plain = (SeerPolicy(setting(path), replan=replan) for _ in range(2))
    frames = [{key: rows[:1] for key, rows in seen.items()} for seen in observations(7)]
    for policy in (ahead, plain):
        policy.reset([0], STARTS[:1])
    expected = [plain.act(Batch((0,), seen))[0] for seen in frames]
    done: list[np.ndarray] = []
    calls = 0
    while len(done) < len(frames):
        (steps,) = ahead.act_ahead(Batch((0,), frames[len(done)]))
        done += list(steps)
        calls += 1
    np.testing.assert_array_equal(done[: len(frames)], expected)
    assert calls == asked
    assert plain.actor.seen[0] == asked
