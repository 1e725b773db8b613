"""Official checkpoints: the golden names and shapes in, a working network out; nothing runs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.checkpoint import load_checkpoint
from longhaul.policies.seer.config import SEER_BASE
from longhaul.policies.seer.convert import from_official, main, read_official, rename
from longhaul.policies.seer.model import Seer
from tests.policies.seer.rule import names
from tests.shared import golden

FILE = "seer_state_dict.json"


def entries(name: str) -> dict[str, list[int]]:
    return json.loads(golden(FILE).read_text())["configs"][name]["entries"]


def official() -> dict[str, Any]:
    """A checkpoint of Seer in the official format; every weight is one number, kept once."""
    name = "seer_finetune_K10"
    state = {n: torch.full((1,), 0.01).expand(shape) for n, shape in entries(name).items()}
    return {
        "epoch": 3,
        "model_state_dict": state,
        "optimizer_state_dict": {"state": {0: {"step": torch.tensor(5.0)}}, "param_groups": []},
        "lr_scheduler_state_dict": {"last_epoch": 5, "lr_lambdas": [None]},
    }


def run(source: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main([str(source), str(target)])
    error = capsys.readouterr().err
    assert error.count("\n") <= 1 and "Traceback" not in error
    return code, error


@pytest.mark.golden
@pytest.mark.parametrize("name", names(FILE, "configs"))
def test_every_official_name_and_shape_has_its_place(name: str) -> None:
    facts = json.loads(golden(FILE).read_text())["configs"][name]
    state = {n: torch.empty(shape, device="meta") for n, shape in facts["entries"].items()}
    sizes = facts["config"]
    config = replace(
        SEER_BASE,
        hidden=sizes["hidden_dim"],
        layers=sizes["transformer_layers"],
        heads=sizes["transformer_heads"],
        history=sizes["sequence_length"],
        latents=sizes["num_resampler_query"],
        frs_per_camera=sizes["num_obs_token_per_image"],
        inv=sizes["action_pred_steps"],
    )
    with torch.device("meta"):
        model = Seer(config)
    found = {n: tuple(weight.shape) for n, weight in from_official(state).items()}
    assert found == {n: tuple(weight.shape) for n, weight in model.state_dict().items()}
    unused = [n for n in state if rename(n.removeprefix("module.")) is None]
    assert sum(state[n].numel() for n in state) == facts["n_trainable_parameters"]
    total = sum(weight.numel() for weight in model.state_dict().values())
    assert total + sum(state[n].numel() for n in unused) == facts["n_trainable_parameters"]


@pytest.mark.golden
def test_gpt2_weights_are_transposed_and_no_others() -> None:
    facts = json.loads(golden(FILE).read_text())["configs"]["seer_finetune_K10"]
    turned = {rename(n.removeprefix("module.")) for n in facts["conv1d_weights_in_out_order"]}
    for official_name, shape in facts["entries"].items():
        ours = rename(official_name.removeprefix("module."))
        if ours is None or len(shape) != 2:
            continue
        weight = torch.empty(shape).uniform_()
        converted = from_official({official_name: weight})[ours]
        assert torch.equal(converted, weight.T if ours in turned else weight), official_name


@pytest.mark.golden
def test_an_official_file_becomes_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "4.pth", tmp_path / "seer.safetensors"
    content = official()
    name = "module.transformer_backbone_position_embedding"
    content["model_state_dict"][name] = torch.rand(1, 14, 1, 384)
    torch.save(content, source)
    assert "no such folder" in run(source, tmp_path / "none" / "x.safetensors", capsys)[1]
    assert run(source, target, capsys) == (0, "")
    model = load_checkpoint(target)
    assert model.config.name == "base" and model.config.history == 14
    torch.testing.assert_close(model.timesteps, content["model_state_dict"][name])


@pytest.mark.golden
def test_other_contents_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "x.pth", tmp_path / "x.safetensors"
    good = official()["model_state_dict"]
    embedding = "module.transformer_backbone_position_embedding"
    wrong: list[tuple[Any, str]] = [
        ([1, 2], "lacks model_state_dict"),
        ({"model_state_dict": {}}, "lacks model_state_dict"),
        ({"model_state_dict": {"module.text_projector.weight": 3}}, "else than dense weights"),
        (
            {"model_state_dict": {"module.mask_token": torch.ones(2).to_sparse()}},
            "else than dense weights",
        ),
        ({"model_state_dict": {embedding: torch.zeros(1, 0, 1, 384)}}, "history=0 must be"),
        ({"model_state_dict": {"module.fc.weight": torch.zeros(2)}}, "it holds 'fc.weight'"),
        ({"model_state_dict": {"module.mask_token": torch.zeros(2)}}, "lacks the timestep"),
        ({"model_state_dict": {embedding: torch.zeros(1, 4, 1, 512)}}, "width 512: valid are 384"),
        (
            {"model_state_dict": {n: w for n, w in good.items() if "mask_token" not in n}},
            "foresight.mask_token",
        ),
        (
            {"model_state_dict": {**good, "module.mask_token": torch.zeros(2)}},
            "foresight.mask_token",
        ),
    ]
    for content, message in wrong:
        torch.save(content, source)
        code, error = run(source, target, capsys)
        assert code == 2 and message in error
        assert not target.exists()


PREFIXES = (
    "",
    "module.",
    "_orig_mod.",
    "module._orig_mod.",
    "_orig_mod.module.",
    "model.",
    "net.seer.",
)
"""What DDP, torch.compile, both in either order, and Lightning put before names."""


@pytest.mark.golden
@pytest.mark.parametrize("nested", ["model_state_dict", "state_dict", "model", "module", None])
def test_weights_are_found_under_other_keys_and_names(tmp_path: Path, nested: str | None) -> None:
    state = {n.removeprefix("module."): w for n, w in official()["model_state_dict"].items()}
    wanted = from_official(state)
    for prefix in PREFIXES:
        named = {prefix + name: weight for name, weight in state.items()}
        torch.save(named if nested is None else {"epoch": 3, nested: named}, tmp_path / "x.ckpt")
        found = from_official(read_official(tmp_path / "x.ckpt"))
        assert {n: w.shape for n, w in found.items()} == {n: w.shape for n, w in wanted.items()}


def test_a_name_inside_a_compiled_part_is_found_and_none_is_taken_twice() -> None:
    part = "transformer_backbone._orig_mod.h.3.module.ln_1.bias"
    assert list(from_official({part: torch.zeros(2)})) == ["trunk.blocks.3.norm_attention.bias"]
    twice = {"mask_token": torch.zeros(2), "module.mask_token": torch.ones(2)}
    with pytest.raises(CheckpointError, match="it holds 'mask_token' twice"):
        from_official(twice)
    two = {f"{p}.transformer_backbone_position_embedding": torch.zeros(1) for p in ("net", "ema")}
    with pytest.raises(CheckpointError, match=r"it holds 'net.transformer_backbone_position"):
        from_official(two)


@pytest.mark.golden
def test_half_precision_converts_and_what_is_not_finite_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same number in bfloat16 and in the old format; then one that is not finite."""
    source, target = tmp_path / "x.bin", tmp_path / "x.safetensors"
    state = {
        n: torch.full((1,), 0.5, dtype=torch.bfloat16).expand(w.shape)
        for n, w in official()["model_state_dict"].items()
    }
    torch.save(state, source, _use_new_zipfile_serialization=False)
    assert run(source, target, capsys) == (0, "")
    assert set(load_checkpoint(target).timesteps.unique().tolist()) == {0.5}
    assert "needs another name" in run(source, source, capsys)[1]
    target.unlink()
    state["module.mask_token"] = torch.full((1, 1, 384), torch.inf, dtype=torch.bfloat16)
    torch.save(state, source)
    code, error = run(source, target, capsys)
    assert code == 2 and "the weight foresight.mask_token is not finite" in error
    assert not target.exists()


class Hostile:
    """Runs a command when it is unpickled without care."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> Any:
        return Path.touch, (self.witness,)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_hostile_file_runs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], legacy: bool
) -> None:
    source, witness = tmp_path / "x.pth", tmp_path / "witness"
    torch.save(
        {"model_state_dict": Hostile(witness)}, source, _use_new_zipfile_serialization=not legacy
    )
    torch.load(source, weights_only=False)
    assert witness.exists(), "the file would run code if it were let"
    witness.unlink()
    code, error = run(source, tmp_path / "out.safetensors", capsys)
    assert code == 2 and "refused" in error
    assert not witness.exists() and not (tmp_path / "out.safetensors").exists()


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "longhaul.policies.seer.convert",
        str(tmp_path / "no.pth"),
        "x",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == f"error: {tmp_path / 'no.pth'}: no such file\n"
