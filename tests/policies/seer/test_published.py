"""Files of torch.save, in both of its formats: tensors and plain values in, all else by name."""

from __future__ import annotations

import argparse
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.published import read_published

FORMATS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])


def saved(content: Any, path: Path, zipped: bool, protocol: int = 2) -> Path:
    torch.save(content, path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    return path


@FORMATS
def test_weights_come_back_as_torch_wrote_them(tmp_path: Path, zipped: bool) -> None:
    """Every dtype, a transposed view, shared storage and an empty tensor."""
    shared = torch.arange(24.0).reshape(4, 6)
    state = {
        "half": torch.rand(3).half(),
        "brain": torch.rand(3).bfloat16(),
        "double": torch.rand(2, 3, dtype=torch.float64),
        "complex": torch.rand(2, dtype=torch.complex64),
        "long": torch.tensor([1, -(2**40)]),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5),
        "turned": shared.T,
        "part": shared[1:3, ::2],
        "empty": torch.empty(0, 3),
        "parameter": torch.nn.Parameter(torch.rand(4)),
        "wide": torch.full((1,), 0.5).expand(5, 7),
    }
    content = {"state": OrderedDict(state), "words": ["ü", (1, None, True)]}
    found = read_published(saved(content, tmp_path / "a.pth", zipped))
    assert found["words"] == ["ü", (1, None, True)] and list(found["state"]) == list(state)
    for name, weight in found["state"].items():
        assert weight.tensor().dtype == state[name].dtype
        torch.testing.assert_close(weight.tensor(), state[name].detach(), rtol=0, atol=0)


@FORMATS
def test_what_optimizers_and_loops_leave_beside_weights_is_read(
    tmp_path: Path, zipped: bool
) -> None:
    layer = torch.nn.Linear(2, 2)
    layer.weight.rate = 3  # type: ignore[assignment]
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(2)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 3, 5])
    content = {
        "weight": layer.weight,
        "state_dict": layer.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "scaler": {"scale": 65536.0},
        "random": torch.get_rng_state(),
        "place": torch.device("cuda", 1),
        "counts": Counter("aab"),
        "lists": defaultdict(list, {"a": [1]}),
        "bytes": b"\xff",
        "dtype": torch.float32,
        "shape": torch.Size([2, 3]),
    }
    found = read_published(saved(content, tmp_path / "a.ckpt", zipped))
    assert found["place"] == "cuda:1" and found["counts"] == {"a": 2, "b": 1}
    assert found["lists"] == {"a": [1]} and found["bytes"] == b"\xff"
    assert found["schedule"]["milestones"] == {3: 2, 5: 1} and found["shape"] == (2, 3)
    assert torch.equal(found["weight"].tensor(), layer.weight)
    assert torch.equal(found["random"].tensor(), content["random"])


class Own:
    """An object of a class that the reader does not know."""


@FORMATS
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.float64(0.5), "holds numpy.float64"),
        (np.float32(0.5), "holds numpy.float32"),
        (np.int64(3), "holds numpy.int64"),
        (np.bool_(True), "holds numpy.bool"),
        (np.zeros(3), "holds numpy.ndarray"),
        (argparse.Namespace(lr=0.1), "holds argparse.Namespace"),
        (Own(), f"holds {__name__}.Own"),
        (Path("x"), "names pathlib.PosixPath"),
        (torch.nn.Linear(2, 2), "holds torch.nn.modules.linear.Linear"),
        (OrderedDict(a=1).items, "names (__builtin__|builtins).getattr"),
        ({1}, "(names __builtin__|holds builtins).set"),
        (torch.Generator, "torch._C.Generator"),
    ],
)
def test_what_is_refused_is_named(
    tmp_path: Path, value: Any, name: str, protocol: int, zipped: bool
) -> None:
    content = {"model_state_dict": {"a": torch.zeros(2)}, "beside": value}
    path = saved(content, tmp_path / "a.pth", zipped, protocol)
    if isinstance(value, type):  # a class alone is a name, and nothing is made of it
        assert read_published(path)["beside"].text == name
        return
    with pytest.raises(
        CheckpointError, match=rf"a.pth: .*refused \(it {name}\); save the weights alone"
    ):
        read_published(path)


def test_a_long_name_is_whole_and_has_no_terminal_codes(tmp_path: Path) -> None:
    saved({"args": argparse.Namespace(lr=0.1)}, tmp_path / "a.pth", True)
    long = b"some_module." * 40 + b"a\x1b[31m\n" + b"B" * 400
    rewritten(tmp_path / "a.pth", lambda _, data: data.replace(b"argparse\nNamespace", long))
    with pytest.raises(CheckpointError) as raised:
        read_published(tmp_path / "a.pth")
    whole = "some_module." * 40 + "a\\x1b[31m." + "B" * 400
    assert str(raised.value).partition("; save")[0].endswith(f"(it holds {whole})")


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


@FORMATS
def test_a_file_that_is_cut_anywhere_is_refused(tmp_path: Path, zipped: bool) -> None:
    content = {"a": torch.rand(3), "b": torch.rand(2).half(), "c": [1, "words"]}
    data = saved(content, tmp_path / "a.pth", zipped).read_bytes()
    for end in (0, 1, 5, 20, len(data) // 4, len(data) // 2, len(data) - 5, len(data) - 1):
        (tmp_path / "cut.pth").write_bytes(data[:end])
        with pytest.raises(CheckpointError, match=r"cut.pth: unsafe or unreadable, refused \(.+\)"):
            read_published(tmp_path / "cut.pth")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"little_endianq\x02\x88", b"little_endianq\x02\x89", "first byte is the highest"),
        (b"\x03\0\0\0\0\0\0\0", b"\x04\0\0\0\0\0\0\0", "has 4 numbers, not 3"),
        (b"K\x03\x85", b"K\x7f\x85", "beyond its storage"),
        (b"ctorch\nFloat", b"ctorch\nFlout", "refers to storage torch.FloutStorage"),
        (b"storageq", b"module_q", "it holds torch.FloatStorage"),
    ],
)
def test_an_old_file_that_claims_too_much_is_refused(
    tmp_path: Path, old: bytes, new: bytes, reason: str
) -> None:
    path = saved({"a": torch.rand(3)}, tmp_path / "a.pth", False)
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    with pytest.raises(CheckpointError, match=reason):
        read_published(path)


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    for data, reason in (
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"<html>", "torch.save has not written this file"),
        (b"PK\x03\x04 and nothing more", "was it fully downloaded"),
    ):
        path.write_bytes(data)
        with pytest.raises(CheckpointError, match=reason):
            read_published(path)
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)
    with pytest.raises(CheckpointError, match="a program of TorchScript"):
        read_published(path)
