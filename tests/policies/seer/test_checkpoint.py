"""Weights to disk and back, and files that are not ours."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from longhaul.errors import ConfigError
from longhaul.policies.checkpoint import CheckpointError, read_trained_on
from longhaul.policies.cliport.checkpoint import CLIPORT_CHECKPOINTS
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS, load_checkpoint
from longhaul.policies.seer.config import SEER_BASE, SeerConfig, architecture
from longhaul.policies.seer.initialize import untrained
from tests.policies.seer.small import TINY, frames, lively


def test_round_trip_gives_the_same_network(tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    model = lively(TINY)
    SEER_CHECKPOINTS.save(path, TINY, model.state_dict(), {"text": "abc"})
    assert SEER_CHECKPOINTS.read_architecture(path, TINY) == (TINY, {"text": "abc"})
    again = load_checkpoint(path).eval()
    images, arm, gripper = frames(2 * TINY.history, TINY.image_size)
    inputs = (images.float() / 255, arm, gripper)
    batch = [x.unflatten(0, (2, TINY.history)) for x in inputs]
    text = torch.randn(2, TINY.text_width)
    with torch.no_grad():
        one, other = (m(batch[0], text, *batch[1:]) for m in (model, again))
    assert torch.equal(one.arm, other.arm) and torch.equal(one.images, other.images)
    assert all(weight.requires_grad for weight in again.parameters())
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["a b.pth", "x.pt", "x.bin", "x.ckpt", "weights"])
def test_a_file_of_torch_names_its_converter(tmp_path: Path, name: str) -> None:
    """Both of torch's formats are told by their first bytes, a broken one by the file's name."""
    path = tmp_path / name
    for zipped in (True, False):
        torch.save({"a": torch.zeros(1)}, path, _use_new_zipfile_serialization=zipped)
        assert not read_trained_on(path)
        with pytest.raises(CheckpointError) as raised:
            SEER_CHECKPOINTS.read_architecture(path)
        told, command = str(raised.value).split(": python ")
        assert (
            told
            == f"checkpoint {path} is a file of torch.save, which is converted before it is used"
        )
        module, source, target = shlex.split(command)[1:]
        assert (module, source) == ("longhaul.policies.seer.convert", str(path))
        assert target == f"{path.stem}.safetensors"
        with pytest.raises(CheckpointError, match="there is no converter for CLIPort: policy=clip"):
            CLIPORT_CHECKPOINTS.read_architecture(path)
    path.write_bytes(b"PK")
    words = "no safetensors file" if name == "weights" else "python -m longhaul"
    with pytest.raises(CheckpointError, match=words):
        SEER_CHECKPOINTS.read_architecture(path)


def test_another_architecture_is_refused_naming_both(tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    SEER_CHECKPOINTS.save(path, TINY, lively(TINY).state_dict())
    with pytest.raises(CheckpointError, match="is Seer 'tiny', the policy is Seer 'base'") as error:
        SEER_CHECKPOINTS.read_architecture(path, SEER_BASE)
    assert "hidden 32 and 384" in str(error.value) and "policy=seer" in str(error.value)
    assert (
        SEER_CHECKPOINTS.read_architecture(path, replace(TINY, history=9))[0].history
        == TINY.history
    )


def test_files_that_are_no_seer_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    weights = {"a": torch.zeros(1)}
    with pytest.raises(CheckpointError, match="no such file"):
        SEER_CHECKPOINTS.read_architecture(path)
    path.write_bytes(b"no safetensors")
    with pytest.raises(CheckpointError, match="no safetensors file"):
        SEER_CHECKPOINTS.read_architecture(path)
    save_file(weights, path, {"format": "longhaul.cliport"})
    with pytest.raises(CheckpointError, match=r"holds longhaul.cliport; valid: longhaul.seer"):
        SEER_CHECKPOINTS.read_architecture(path)
    save_file(weights, path)
    with pytest.raises(CheckpointError, match="no policy's weights"):
        SEER_CHECKPOINTS.read_architecture(path)


def test_broken_metadata_and_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    good = {"format": "longhaul.seer", "version": "1", "encoders": "{}"}
    whole = TINY.to_json()
    for text, message in (
        ("[", "broken metadata"),
        (json.dumps({}), "fields differ"),
        (json.dumps({**whole, "layers": "2"}), r"wrong type: \['layers'\]"),
        (json.dumps({**whole, "heads": 5}), "hidden 32 is no multiple"),
        (json.dumps(whole), "weights do not fit"),
    ):
        save_file({"a": torch.zeros(1)}, path, {**good, "architecture": text})
        with pytest.raises(CheckpointError, match=message):
            load_checkpoint(path)
    save_file({"a": torch.zeros(1)}, path, {**good, "version": "7"})
    with pytest.raises(CheckpointError, match="version 7; valid: 1"):
        SEER_CHECKPOINTS.read_architecture(path)


def test_untrained_weights_depend_on_the_seed_alone() -> None:
    before = torch.get_rng_state()
    one, same, other = (untrained(TINY, seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["text.weight"], other["text.weight"])
    assert not one["frs"].any() and not one["inv"].any()
    scale = one["trunk.blocks.0.mlp_in.weight"].std() / one["trunk.blocks.0.mlp_out.weight"].std()
    assert scale.item() == pytest.approx((2 * TINY.layers) ** 0.5, rel=0.1)


def test_unknown_names_and_sizes_list_the_valid_ones() -> None:
    with pytest.raises(ConfigError, match="valid: small, base, large"):
        architecture("huge")
    for wrong, message in (
        ({"vision": "resnet"}, "vitmae"),
        ({"heads": 7}, "multiple of heads"),
        ({"layers": 0}, "layers=0 must be at least 1"),
        ({"patch_size": 15}, "multiple of 15"),
        ({"frs_per_camera": 8}, "no square"),
    ):
        with pytest.raises(ConfigError, match=message):
            SeerConfig(**wrong)  # type: ignore[arg-type]
