"""Official checkpoints: the golden names and shapes in, a working network out; nothing runs."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.checkpoint import load_checkpoint
from longhaul.policies.seer.config import SEER_BASE
from longhaul.policies.seer.convert import from_official, main, rename
from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.published import read_published
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


def test_weights_come_back_as_torch_wrote_them(tmp_path: Path) -> None:
    """Every dtype, a transposed view, shared storage and an empty tensor."""
    shared = torch.arange(24.0).reshape(4, 6)
    state = {
        "half": torch.rand(3).half(),
        "brain": torch.rand(3).bfloat16(),
        "double": torch.rand(2, 3, dtype=torch.float64),
        "long": torch.tensor([1, -(2**40)]),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "turned": shared.T,
        "part": shared[1:3, ::2],
        "empty": torch.empty(0, 3),
        "parameter": torch.nn.Parameter(torch.rand(4)),
        "wide": torch.full((1,), 0.5).expand(5, 7),
    }
    torch.save({"state": OrderedDict(state), "words": ["ü", (1, None, True)]}, tmp_path / "a.pth")
    found = read_published(tmp_path / "a.pth")
    assert found["words"] == ["ü", (1, None, True)] and list(found["state"]) == list(state)
    for name, weight in found["state"].items():
        assert weight.tensor().dtype == state[name].dtype
        torch.testing.assert_close(weight.tensor(), state[name].detach(), rtol=0, atol=0)


def rewritten(path: Path, change: Any, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write the archive again, each file changed by `change(name, data)`."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, change(name, data))
    return path


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda name, data: data[:-1] if "/data/" in name else data, "has 11 bytes, not 3 numbers"),
        (lambda name, data: data.replace(b"K\x03\x85", b"K\x7f\x85"), "beyond its storage"),
        (lambda name, data: data.replace(b"torch\n", b"posix\n"), "refers to storage"),
        (lambda name, data: data.replace(b"tensor_v2", b"tensor_v9"), "it names torch._utils."),
        (lambda name, data: data.replace(b"little", b"bigger"), "first byte is the highest"),
        (lambda name, data: data[:40] if name.endswith("pkl") else data, "ends too early"),
        (lambda name, data: b"" if name.endswith("pkl") else data, "ends too early"),
    ],
)
def test_a_file_that_claims_too_much_is_refused(tmp_path: Path, change: Any, reason: str) -> None:
    torch.save({"a": torch.rand(3)}, tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match=reason):
        read_published(rewritten(tmp_path / "a.pth", change))


def test_a_compressed_or_foreign_archive_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(10**6)}, tmp_path / "a.pth")
    small = rewritten(tmp_path / "a.pth", lambda name, data: data, zipfile.ZIP_DEFLATED)
    assert small.stat().st_size < 10**5
    with pytest.raises(CheckpointError, match="is compressed"):
        read_published(small)
    with zipfile.ZipFile(tmp_path / "b.pth", "w") as archive:
        archive.writestr("a/data.pkl", b"x")
        archive.writestr("b/data.pkl", b"x")
    with pytest.raises(CheckpointError, match=r"2 files data.pkl, one is expected"):
        read_published(tmp_path / "b.pth")


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
