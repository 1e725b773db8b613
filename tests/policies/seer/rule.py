"""The random rule of golden/README.md, and the official run it stands for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from longhaul.policies.seer.config import SEER_BASE, SeerConfig
from longhaul.policies.seer.convert import from_official
from longhaul.policies.seer.masks import PretrainMask, attention_mask
from longhaul.policies.seer.model import Seer, SeerOutput
from tests.shared import golden


def normal(key: str, shape: tuple[int, ...]) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "little")
    generator = np.random.Generator(np.random.PCG64(seed))
    return generator.standard_normal(shape, dtype=np.float32)


def probe(key: str, width: int) -> np.ndarray:
    direction = normal(key, (width,)).astype(np.float64)
    return direction / np.linalg.norm(direction)


def meta() -> dict[str, Any]:
    return json.loads(golden("seer_small_meta.json").read_text())


def names(file: str, *keys: str) -> list[str]:
    """List the names under `keys` of a meta file, to make a test of each.

    Without the file it is one name that stands for them: the test that reads it skips or fails.
    """
    try:
        facts = json.loads(golden(file).read_text())
    except (pytest.skip.Exception, pytest.fail.Exception):
        return ["absent"]
    for key in keys:
        facts = facts[key]
    return list(facts)


@dataclass
class Run:
    """One run of the meta file: its network, inputs and mask."""

    name: str
    facts: dict[str, Any]
    config: SeerConfig
    model: Seer
    inputs: dict[str, np.ndarray]
    mask: Tensor

    @property
    def supervised(self) -> int:
        return self.facts["supervised_timesteps"]

    def forward(self, dtype: torch.dtype) -> SeerOutput:
        """Run the network in eval mode on the rule's inputs."""
        steps = self.config.history
        features = np.stack([self.inputs["mae_static"], self.inputs["mae_wrist"]], axis=2)
        robot = self.inputs["robot_obs"][:, :steps]
        gripper = (robot[..., 14] + 1) // 2
        if self.config.gripper_width:
            gripper = self.inputs["finger_qpos"]
        arrays = (features, self.inputs["text"], robot[..., :6], gripper)
        return self.model.eval().to(dtype)(
            *(torch.from_numpy(array).to(dtype) for array in arrays), mask=self.mask
        )


def official_weights(facts: dict[str, Any], steps: int) -> dict[str, Tensor]:
    """Fill every stored weight by the rule, the timestep embedding with `steps` rows."""
    salt, weights = facts["config"]["salt"], {}
    for name, (shape, scale, offset) in facts["weights"].items():
        if name == "transformer_backbone_position_embedding":
            shape = [1, steps, 1, shape[-1]]
        value = normal(salt + name, tuple(shape)) * np.float32(scale) + np.float32(offset)
        weights[name] = torch.from_numpy(value)
    return weights


def load_run(name: str) -> Run:
    facts = meta()
    run, sizes = facts["runs"][name], facts["config"]
    config = replace(
        SEER_BASE,
        name="golden",
        history=run["K"],
        gripper_width=run["gripper_width"],
        text_width=facts["weights"]["text_projector.weight"][0][1],
        **{k: sizes[k] for k in ("hidden", "layers", "heads", "latents", "frs_per_camera", "inv")},
    )
    model = Seer(config)
    model.load_state_dict(from_official(official_weights(facts, run["K"])))
    pretrain = None
    if run["pretrain_mask"]:
        pretrain = PretrainMask(run["atten_goal"], sees_state=facts["set"]["proprio"])
    mask = attention_mask(model.layout, run["K"], pretrain)
    return Run(name, run, config, model, _inputs(sizes["salt"], run, config), mask)


def _inputs(salt: str, run: dict[str, Any], config: SeerConfig) -> dict[str, np.ndarray]:
    batch, steps = run["B"], run["K"]
    future = steps + config.foresight_steps
    key = f"{salt}input/K{steps}/"
    image = (batch, future, 3, config.image_size, config.image_size)
    features = (batch, steps, 1 + config.patches, config.vision_width)

    def sign(name: str) -> np.ndarray:
        drawn = normal(key + name, (batch, future))
        return np.where(drawn > 0, np.float32(1), np.float32(-1))

    robot = normal(key + "robot_obs", (batch, future, 15)) * np.float32(0.5)
    robot[..., 14] = sign("robot_obs_gripper")
    actions = np.clip(normal(key + "actions", (batch, future, 7)) * np.float32(0.8), -1, 1)
    actions[..., 6] = sign("actions_gripper")
    inputs = {
        "mae_static": normal(key + "mae_static", features),
        "mae_wrist": normal(key + "mae_wrist", features),
        "text": normal(key + "text", (batch, config.text_width)),
        "robot_obs": robot,
        "actions": actions,
        "images_static": normal(key + "images_static", image),
        "images_wrist": normal(key + "images_wrist", image),
    }
    if config.gripper_width:
        inputs["finger_qpos"] = normal(key + "finger_qpos", (batch, steps, 2)) * np.float32(0.04)
    return inputs
