"""Every training configuration composes, and builds a learner that keeps the contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from longhaul.configs.filling import CONFIG_FOLDER, compose
from longhaul.configs.train import build_learner
from longhaul.demos.source import NO_NAME
from longhaul.demos.windows import WINDOW_SCOPES
from longhaul.envs.specs import CameraSpec
from longhaul.navgen.views import observation as viewed
from longhaul.policies.mgdm.learning.feature_dataset import cameras as feature_cameras
from longhaul.policies.training.options import Options
from longhaul.policies.training.train import LAST_CHECKPOINT
from tests.policies.training.toy import SESSION

TRAINING = CONFIG_FOLDER / "training"
POLICIES = sorted(path.stem for path in (TRAINING / "policy").glob("*.yaml"))
RECIPES = sorted(path.stem for path in (TRAINING / "recipe").glob("*.yaml"))
FAMILIES = ("cliport", "mgdm")
SENTENCES = {"mgdm_encoder": ["chair", "table", "room: kitchen", "room: bedroom"]}
"""What a policy's datasets say, where it is no instruction."""


def family(name: str) -> str:
    """Return whose a policy or a recipe is; Seer's recipes do not bear its name."""
    return next((f for f in FAMILIES if name.startswith(f)), "seer")


PAIRS = [(p, r) for p in POLICIES for r in RECIPES if family(p) == family(r)]


def composed(*overrides: str) -> dict[str, Any]:
    keys = ("policy", "optimization", "seed", "data")
    config = compose("train", ["data.path=somewhere", *overrides], "training")
    plain: Any = OmegaConf.to_container(OmegaConf.masked_copy(config, list(keys)))
    return dict(plain)


def cameras_for(policy: str, learner: Any) -> dict[str, CameraSpec]:
    """Return the cameras by name of a dataset that a learner takes; where its requirement leaves
    their size open, those of the program that makes the dataset."""
    made = learner.requirement.observation.cameras
    if policy == "mgdm":
        made = feature_cameras(learner.config)
    elif policy == "mgdm_encoder":
        made = viewed(learner.config.picture).cameras
    assert {c.name for c in learner.requirement.observation.cameras} <= {c.name for c in made}
    return {camera.name: camera for camera in made}


def batch_for(policy: str, learner: Any) -> dict[str, torch.Tensor]:
    """Return two windows as a learner wants them, of random numbers."""
    spec, requirement = learner.windows, learner.requirement
    assert spec.length >= 1 and spec.within in WINDOW_SCOPES
    cameras = cameras_for(policy, learner)
    assert set(spec.sizes) <= set(cameras)
    batch: dict[str, torch.Tensor] = {}
    for name, side in spec.sizes.items():
        shape = (2, spec.length, side or cameras[name].height, side or cameras[name].width)
        if cameras[name].kind == "rgb":
            batch[name] = torch.randint(256, (*shape, 3), dtype=torch.uint8)
        elif cameras[name].kind == "ids":
            rooms = [s.startswith("room: ") for s in SENTENCES[policy]]
            known = np.flatnonzero(np.array(rooms) == (name == "room"))
            batch[name] = torch.from_numpy(np.append(known, NO_NAME).astype(np.uint16))[
                torch.randint(len(known) + 1, shape)
            ]
        else:
            batch[name] = torch.rand(shape).half()
    for state in requirement.observation.states:
        batch[state.name] = torch.randn(2, spec.length, state.size)
    if spec.keyframe:
        batch["keyframe"] = torch.randn_like(batch[spec.keyframe])
    size = requirement.action.size if requirement.action else 1
    batch["actions"] = torch.rand(2, spec.length, size).round()
    batch["sentence"] = torch.tensor([0, 1])
    if spec.within == "episode":
        batch["sentence"] = torch.randint(-1, 2, (2, spec.length))
    batch["valid"] = torch.ones(2, spec.length, dtype=torch.bool)
    return batch


@pytest.mark.parametrize(("policy", "recipe"), PAIRS)
def test_builds_trains_and_saves(policy: str, recipe: str, tmp_path: Any) -> None:
    config = composed(f"policy={policy}", f"recipe={recipe}", "seed=3")
    Options(**config["optimization"], **SESSION)
    learner: Any = build_learner(config["policy"], SENTENCES.get(policy, ["do this", "do that"]))
    batch = batch_for(policy, learner)
    losses = learner.train()(batch)
    losses["loss"].backward()
    assert all(value.ndim == 0 and torch.isfinite(value) for value in losses.values())
    assert any(p.grad is not None and p.grad.any() for p in learner.module().parameters())
    again = [learner.eval()(batch)["loss"].item() for _ in range(2)]
    assert again[0] == again[1]
    learner.save(tmp_path / LAST_CHECKPOINT, learner.module().state_dict())
    assert (tmp_path / LAST_CHECKPOINT).is_file()


def test_a_recipe_has_the_last_word_but_for_the_command_line() -> None:
    assert composed()["policy"]["stage"] == "finetune"  # a policy's own recipe is its default
    assert composed("policy=cliport")["optimization"]["lr"] == 1e-4
    assert composed("recipe=small_cpu")["optimization"]["precision"] == "bfloat16"
    told = composed("recipe=small_cpu", "optimization.precision=float32", "policy.beta=0.5")
    assert told["optimization"]["precision"] == "float32"
    assert told["policy"]["beta"] == 0.5
    for name in ("foresight", "pretrained"):
        assert composed(f"policy.{name}=false")["policy"][name] is False
    assert composed("data.fraction=0.1")["data"]["fraction"] == 0.1
    assert "cameras" in composed("data=droid")["data"]["options"]
