"""Seer learns from other people's demonstrations as they are, and its checkpoint says how they
were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Dict
from omegaconf import OmegaConf

from longhaul.__main__ import main
from longhaul.configs.filling import compose
from longhaul.configs.train import open_data
from longhaul.demos.open import open_source
from longhaul.envs.specs import ActionSpec, EnvSpec, SpecMismatchError, require_compatible
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.policies.seer.learning import SeerLearner
from longhaul.policies.seer.observed import observed_in
from longhaul.policies.seer.policy import SeerPolicy
from tests.demos.made import SPEC
from tests.demos.test_droid import droid
from tests.demos.test_robomimic import NAME, libero

QUICK = ("optimization.steps=2", "optimization.batch=2", "optimization.precision=float32")


@pytest.fixture
def liberos(tmp_path: Path) -> Path:
    """Return a folder of LIBERO's layout, with actions in [-1, 1]."""
    folder = tmp_path / "libero"
    folder.mkdir()
    libero(folder / NAME)
    random = np.random.default_rng(0)
    with h5py.File(folder / NAME, "r+") as file:
        for demo in file["data"].values():
            actions = random.uniform(-1, 1, demo["actions"].shape)
            actions[:, 6] = np.where(np.arange(len(actions)) < 5, -1, 1)
            demo["actions"][...] = actions
            demo["obs/ee_states"][...] = random.uniform(-1, 1, demo["obs/ee_states"].shape)
    return folder


def train(tmp_path: Path, *words: str) -> Path:
    """Train two steps and return the checkpoint."""
    run = tmp_path / "run"
    kept = f"data.cache.folder={tmp_path / 'cache'}"
    assert main(["train", "policy=seer", *QUICK, kept, f"run_dir={run}", "--quiet", *words]) == 0
    return run / "last.safetensors"


def test_droid_trains_as_it_is_published(tmp_path: Path) -> None:
    droid(tmp_path / "data")
    words = ["data=droid", "recipe=small_cpu_pretrain", f"data.path={tmp_path / 'data'}"]
    kept = read_trained_on(train(tmp_path, *words))["conventions"]
    assert [(c["height"], c["width"]) for c in kept["cameras"]] == [(180, 320)] * 2
    assert kept["action"]["rate"] == 15.0 and kept["action"]["mode"] == "delta"
    assert (kept["action"]["position_scale"], kept["action"]["rotation_scale"]) == (0.02, 0.05)


def test_a_seer_of_liberos_files_acts_where_all_is_as_in_them(
    tmp_path: Path, liberos: Path
) -> None:
    path = train(tmp_path, "recipe=small_cpu", f"data.path={liberos}")
    kept = read_trained_on(path)["conventions"]
    assert [camera["name"] for camera in kept["cameras"]] == ["agentview_rgb", "eye_in_hand_rgb"]
    assert [state["name"] for state in kept["states"]] == ["ee_states", "gripper_states"]
    spec = open_source(liberos).spec
    assert ActionSpec(**kept["action"]) == spec.action
    env = EnvSpec(spec.observation, spec.action, splits=())
    policy = SeerPolicy(Setting(env, Dict(), Box(-1, 1, (7,)), slots=1, checkpoint=path))
    require_compatible(env, policy.requirement)
    slower = replace(env, action=replace(env.action, rate=10.0))
    with pytest.raises(SpecMismatchError, match=r"rate: policy wants 20\.0, env has 10\.0"):
        require_compatible(slower, policy.requirement)
    policy.reset([0], [Start("a", 0, "turn on the stove")])
    seen = {
        "agentview_rgb": np.zeros((1, 128, 128, 3), np.uint8),
        "eye_in_hand_rgb": np.zeros((1, 128, 128, 3), np.uint8),
        "ee_states": np.zeros((1, 6)),
        "gripper_states": np.full((1, 2), 0.02),
    }
    (action,) = policy.act(Batch((0,), seen))
    assert action.shape == (7,) and abs(action[6]) == 1
    assert "agentview_rgb, foreseen" in policy.explain(0)


def test_liberos_states_reach_the_network(tmp_path: Path, liberos: Path) -> None:
    """The pose and both fingers, and a gripper's label that differs from the action before."""
    words = [f"data.path={liberos}", f"data.cache.folder={tmp_path}", "policy=seer"]
    composed = compose("train", [*words, "policy.switch_weight=4"], "training")
    config: Any = OmegaConf.to_container(OmegaConf.masked_copy(composed, ["policy", "data"]))
    learner, data, _ = open_data(config)
    assert isinstance(learner, SeerLearner) and learner.config.gripper_width
    learner.eval()
    numbers = np.arange(4)
    batch = {name: torch.from_numpy(array) for name, array in data.train.batch(numbers).items()}
    alone = learner(batch)
    for name in ("ee_states", "gripper_states"):
        moved = learner({**batch, name: batch[name] + 0.1})
        assert moved["loss"] != alone["loss"], name
    actions = batch["actions"].clone()
    actions[:, 1:, 6] *= -1  # now the gripper moves in each window
    learner.weights = replace(learner.weights, switch=1.0)
    plain = learner({**batch, "actions": actions})["gripper"]
    learner.weights = replace(learner.weights, switch=4.0)
    assert learner({**batch, "actions": actions})["gripper"] > plain


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cameras": {"front": "observation.images.wrist_left"}}, ("rgb_static", "['front'")),
        ({"mounts": {}}, ("rgb_gripper.mount: policy wants 'gripper', dataset has 'world'",)),
        (
            {"action": {"parts": [{"key": "observation.state.cartesian_position"}]}},
            ("action.mode: policy wants 'delta'", "data.options.action.mode=delta"),
        ),
        ({"conventions": {"frame": "tcp"}}, ("action.rotation, action.gripper",)),
        (
            {"conventions": {"frame": "tcp", "rotation": "euler_xyz", "gripper": "open=+1"}},
            ("action.frame: policy wants 'world', dataset has 'tcp'", "data.options"),
        ),
    ],
)
def test_what_matters_of_a_dataset_is_still_asked_for(
    tmp_path: Path, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    droid(tmp_path / "data")
    composed = compose("train", ["data=droid", f"data.path={tmp_path / 'data'}"], "training")
    config: Any = OmegaConf.to_container(OmegaConf.masked_copy(composed, ["policy", "data"]))
    config["data"]["options"] |= options
    with pytest.raises(SpecMismatchError) as refused:
        open_data(config)
    assert all(word in str(refused.value) for word in words)
    assert "\n" not in str(refused.value)


def test_an_unknown_dataset_is_compared_with_calvins_names() -> None:
    assert observed_in(SPEC) is observed_in(None)
