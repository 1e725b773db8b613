"""The network against the official implementation's numbers, in float32 and in double."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from longhaul.policies.seer.convert import rename
from longhaul.policies.seer.losses import Losses, foresight_target, losses
from tests.policies.seer.rule import Run, load_run, meta, names, probe
from tests.shared import golden

pytestmark = pytest.mark.golden
SUGGESTED = {"arm": 5e-6, "gripper": 2e-6, "image": 2e-5}
ACCEPTANCE = {"arm": 3e-5, "gripper": 5e-6, "image": 5e-5}
"""golden/README.md, "Tolerances": for the set beside the project, and for the one kept apart."""


@pytest.fixture(scope="module", params=names("seer_small_meta.json", "runs"))
def run(request: pytest.FixtureRequest) -> Run:
    return load_run(request.param)


@pytest.fixture(scope="module")
def official() -> dict[str, np.ndarray]:
    with np.load(golden("seer_small.npz")) as file:
        return dict(file)


@pytest.fixture(scope="module")
def tolerance() -> dict[str, float]:
    return ACCEPTANCE if meta()["config"]["salt"] else SUGGESTED


def close(ours: Tensor | np.ndarray, theirs: np.ndarray, atol: float, rtol: float = 0) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=rtol, atol=atol)


def probes(x: Tensor, direction: np.ndarray) -> tuple[Tensor, Tensor]:
    """Norms over the last axis and dot products with a unit vector, in double."""
    x = x.double()
    return x.norm(dim=-1), x @ torch.from_numpy(direction)


def test_inputs_and_mask_are_the_official_ones(run: Run, official: dict[str, np.ndarray]) -> None:
    for name, digest in run.facts["sha256_inputs"].items():
        assert hashlib.sha256(run.inputs[name].tobytes()).hexdigest() == digest, name
    close(run.mask.byte(), official[f"{run.name}/mask"], 0)


@torch.no_grad()
def test_float32_outputs(
    run: Run, official: dict[str, np.ndarray], tolerance: dict[str, float]
) -> None:
    output = run.forward(torch.float32)
    assert output.images is not None
    images = output.images.flatten(0, 1)
    close(output.arm, official[f"{run.name}/arm"], tolerance["arm"])
    close(output.gripper_logits.sigmoid(), official[f"{run.name}/gripper"], tolerance["gripper"])
    patches = images[:, :, torch.from_numpy(official["image_patch_index"])]
    close(patches, official[f"{run.name}/image_patches"], tolerance["image"])
    norms, dots = probes(images, probe("probe/patch", images.shape[-1]))
    close(norms, official[f"{run.name}/image_l2"], 0, rtol=1e-5)
    close(dots, official[f"{run.name}/image_dot"], tolerance["image"])


@torch.no_grad()
def test_double_outputs(run: Run, official: dict[str, np.ndarray]) -> None:
    output = run.forward(torch.float64)
    assert output.images is not None
    images = output.images.flatten(0, 1)
    close(output.arm, official[f"{run.name}/arm_f64"], 1e-9)
    close(output.gripper_logits.sigmoid(), official[f"{run.name}/gripper_f64"], 1e-9)
    norms, dots = probes(images, probe("probe/patch", images.shape[-1]))
    close(norms, official[f"{run.name}/image_l2_f64"], 1e-9)
    close(dots, official[f"{run.name}/image_dot_f64"], 1e-9)


@torch.no_grad()
def test_hidden_states(run: Run, official: dict[str, np.ndarray]) -> None:
    model, states, parts = run.model, [], {}
    watched = [model.norm, *model.trunk.blocks, model.trunk.norm]
    hooks = [m.register_forward_hook(lambda _m, _i, out: states.append(out)) for m in watched]
    for name, module in {
        "resampler": model.frame.resampler,
        "state_embedding": model.frame.state,
        "text_embedding": model.text,
    }.items():
        hooks.append(
            module.register_forward_hook(lambda _m, _i, out, name=name: parts.update({name: out}))
        )
    run.forward(torch.float32)
    for hook in hooks:
        hook.remove()
    assert len(states) == 2 + run.config.layers and len(parts) == 3
    hidden = torch.stack(states)
    norms, dots = probes(hidden, probe("probe/hidden", hidden.shape[-1]))
    close(norms, official[f"{run.name}/hidden_l2"], 0, rtol=2e-5)
    close(dots, official[f"{run.name}/hidden_dot"], 2e-4)
    flat = hidden.double().flatten(1)
    stats = [flat.mean(1), flat.std(1, correction=0), flat.abs().amax(1), flat.norm(dim=1)]
    close(torch.stack(stats, 1), official[f"{run.name}/hidden_stats"], 1e-5, rtol=1e-5)
    batch, steps = run.facts["B"], run.config.history
    latents = parts["resampler"].unflatten(0, (batch, steps, 2))
    for camera, name in enumerate(("static", "wrist")):
        norms, dots = probes(latents[:, :, camera], probe("probe/resampler", latents.shape[-1]))
        close(norms, official[f"{run.name}/resampler_{name}_l2"], 0, rtol=1e-5)
        close(dots, official[f"{run.name}/resampler_{name}_dot"], 5e-5)
    close(parts["text_embedding"], official[f"{run.name}/text_embedding"], 5e-5)
    states_in = parts["state_embedding"].unflatten(0, (batch, steps))
    close(states_in, official[f"{run.name}/state_embedding"], 5e-5)


def loss_of(run: Run) -> Losses:
    output = run.forward(torch.float32)
    ahead = slice(run.config.foresight_steps, run.config.foresight_steps + run.supervised)
    images = [run.inputs[name][:, ahead] for name in ("images_static", "images_wrist")]
    targets = foresight_target(torch.from_numpy(np.stack(images, axis=2)), run.config.patch_size)
    actions = torch.from_numpy(run.inputs["actions"])
    return losses(output, actions, targets, run.config)


def test_loss_and_gradients(run: Run) -> None:
    if "loss" not in run.facts:
        assert run.facts["K"] <= run.facts["atten_goal"] or run.config.gripper_width
        return
    loss = loss_of(run)
    theirs = run.facts["loss"]
    names_of = {
        "total": "loss",
        "arm": "loss_arm_action",
        "gripper": "loss_gripper_action",
        "image": "loss_image",
    }
    for ours, name in names_of.items():
        assert getattr(loss, ours).item() == pytest.approx(theirs[name], rel=1e-5), name
    run.model.zero_grad()
    loss.total.backward()
    gradients = {n: p.grad for n, p in run.model.named_parameters()}
    compare_gradients(run, gradients)


def compare_gradients(run: Run, gradients: dict[str, Tensor | None]) -> None:
    """The official gradients are float32, so that sums of many terms agree to their rounding."""
    theirs: dict[str, Any] = run.facts["grad_l2_and_sum"]
    seen = set()
    for official_name, (norm, total) in theirs.items():
        ours = rename(official_name)
        assert ours is not None
        gradient = gradients[ours]
        assert gradient is not None, ours
        seen.add(ours)
        assert gradient.double().norm().item() == pytest.approx(norm, rel=1e-4, abs=1e-8), ours
        room = 1e-5 * norm * gradient.numel() ** 0.5
        assert gradient.double().sum().item() == pytest.approx(total, abs=room + 1e-7), ours
    assert {name for name, gradient in gradients.items() if gradient is not None} == seen
    assert all(rename(name) is None for name in run.facts["params_without_grad"])
    whole = torch.stack([g.double().norm() for g in gradients.values() if g is not None]).norm()
    assert whole.item() == pytest.approx(run.facts["grad_total_norm_before_clip"], rel=1e-5)
