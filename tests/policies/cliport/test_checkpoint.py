"""What is saved is what acts; what does not fit is refused in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.cliport.clip_vision import ClipTrunk
from longhaul.policies.cliport.config import CLIPORT_SMALL
from longhaul.policies.cliport.encoders import Encoders
from longhaul.policies.cliport.model import Cliport, untrained
from tests.policies.cliport.tiny import TINY, TINY_PUBLISHED, inputs, lively, vision_folder

HASHES = {"text": "ab" * 32}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    CLIPORT_CHECKPOINTS.save(
        tmp_path / "a.safetensors", TINY, lively().state_dict(), HASHES, torch.float16
    )
    return tmp_path / "a.safetensors"


def test_round_trip(path: Path) -> None:
    assert CLIPORT_CHECKPOINTS.read_architecture(path, TINY) == (TINY, HASHES)
    model = untrained(TINY, seed=5)
    CLIPORT_CHECKPOINTS.load_into(model, path)
    maps, text, _ = inputs(TINY)
    with torch.no_grad():
        ours, theirs = model.eval().look(maps, text).pick, lively().look(maps, text).pick
    torch.testing.assert_close(ours, theirs, rtol=0.02, atol=0.02)
    assert all(value.dtype == torch.float16 for value in load_file(path).values())
    assert not list(path.parent.glob("*.partial"))


def test_another_number_of_rotations_is_no_other_network(path: Path) -> None:
    wanted = replace(TINY, n_rotations=9)
    assert CLIPORT_CHECKPOINTS.read_architecture(path, wanted)[0] == TINY
    CLIPORT_CHECKPOINTS.load_into(Cliport(wanted), path)


def test_the_frozen_trunk_is_not_stored(tmp_path: Path) -> None:
    model = lively(TINY_PUBLISHED)
    path = tmp_path / "a.safetensors"
    CLIPORT_CHECKPOINTS.save(path, TINY_PUBLISHED, model.state_dict(), {})
    assert not [name for name in load_file(path) if "vision" in name]
    again = untrained(TINY_PUBLISHED, seed=5)
    trunk = {name: value.clone() for name, value in again.net.vision.state_dict().items()}
    CLIPORT_CHECKPOINTS.load_into(again, path)
    assert all(torch.equal(trunk[k], v) for k, v in again.net.vision.state_dict().items())


def test_the_trunk_comes_from_openais_names_and_stays_as_it_is(tmp_path: Path) -> None:
    folder = vision_folder(tmp_path / "clip", TINY_PUBLISHED.width)
    trunk = ClipTrunk.from_folder(folder, TINY_PUBLISHED.width)
    stored = load_file(folder / "model.safetensors")
    assert torch.equal(trunk.layer3[5].bn2.weight, stored["visual.layer3.5.bn2.weight"])
    assert torch.equal(
        trunk.layer1[0].downsample["0"].weight, stored["visual.layer1.0.downsample.0.weight"]
    )
    model = untrained(TINY_PUBLISHED, 0)
    Encoders({"vision": folder}, {}).put_into(model)
    before = {name: value.clone() for name, value in model.net.vision.state_dict().items()}
    model.train()
    maps, text, _ = inputs(TINY_PUBLISHED)
    model.look(maps, text).pick.sum().backward()
    after = model.net.vision.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    features = trunk(maps[:, :3])
    w = TINY_PUBLISHED.width
    assert [tuple(f.shape[1:]) for f in features] == [
        (4 * w, 16, 8),
        (8 * w, 8, 4),
        (16 * w, 4, 2),
        (32 * w, 2, 1),
    ]


def test_the_trunk_is_transformers_resnet_but_for_the_stem(tmp_path: Path) -> None:
    """CLIP's blocks are ResNet's where nothing is pooled: one of them against torch's own words."""
    trunk = lively(TINY_PUBLISHED).net.vision
    block, x = trunk.layer2[1], torch.randn(1, 8 * TINY_PUBLISHED.width, 6, 5)
    parts = (block.conv1, block.bn1, torch.relu, block.conv2, block.bn2, torch.relu)
    y = x
    for part in (*parts, block.conv3, block.bn3):
        y = part(y)
    torch.testing.assert_close(block(x), torch.relu(x + y))


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda p: p.unlink(), "no such file"),
        (lambda p: p.write_bytes(b"not weights"), "no safetensors file"),
        (
            lambda p: save_file({"a": torch.zeros(1)}, p),
            "holds no policy's weights; valid: longhaul",
        ),
        (
            lambda p: save_file({"a": torch.zeros(1)}, p, {"format": "longhaul.seer"}),
            "longhaul.seer",
        ),
        (
            lambda p: save_file({}, p, {"format": "longhaul.cliport", "version": "9"}),
            "is of version 9; valid: 1",
        ),
        (
            lambda p: save_file({}, p, {"format": "longhaul.cliport", "version": "1"}),
            "broken metadata",
        ),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(path: Path, break_it, message: str) -> None:  # type: ignore[no-untyped-def]
    break_it(path)
    with pytest.raises(CheckpointError, match=message) as caught:
        CLIPORT_CHECKPOINTS.read_architecture(path)
    assert "\n" not in str(caught.value)


def test_weights_that_do_not_fit_are_refused_in_one_line(path: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is CLIPort 'tiny', the policy is CLIPort 'small'"):
        CLIPORT_CHECKPOINTS.read_architecture(path, CLIPORT_SMALL)
    weights = lively().state_dict()
    cases = {
        "bottom.bias and others": {
            k: v for k, v in weights.items() if k != "net.semantic.bottom.bias"
        },
        "size mismatch": {**weights, "net.middle": torch.ones(9)},
        "not finite": {**weights, "net.middle": torch.full((TINY.channels,), torch.nan)},
    }
    for message, broken in cases.items():
        CLIPORT_CHECKPOINTS.save(tmp_path / "b.safetensors", TINY, broken, {})
        with pytest.raises(CheckpointError, match=message) as caught:
            CLIPORT_CHECKPOINTS.load_into(Cliport(TINY), tmp_path / "b.safetensors")
        assert "\n" not in str(caught.value)


def test_other_encoders_than_those_trained_beside_are_refused(tmp_path: Path) -> None:
    encoders = Encoders({"text": tmp_path}, HASHES)
    encoders.require(HASHES)
    with pytest.raises(CheckpointError, match="trained with the text encoder cdcd"):
        encoders.require({"text": "cd" * 32})
