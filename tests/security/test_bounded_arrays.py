"""NumPy's files that claim more than they hold are refused before memory is taken."""

from __future__ import annotations

import io
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.arrays import map_array, read_array, read_arrays
from longhaul.envs.lhvln.navmesh.files import read_surface
from longhaul.errors import ConfigError
from longhaul.policies.policy import Setting, Start
from longhaul.policies.scripted.replay import ReplayPolicy
from tests.security.limits import memory_limit


def header(shape: tuple[int, ...], dtype: str = "<f8", fortran: bool = False) -> bytes:
    out = io.BytesIO()
    data = {"descr": dtype, "fortran_order": fortran, "shape": shape}
    np.lib.format.write_array_header_2_0(out, data)
    return out.getvalue()


CLAIMS = {
    "terabytes": header((2**40,)),
    "gigabytes": header((2**20, 2**10), fortran=True),
    "more than a number holds": header((2**40, 2**40)),
    "rows of nothing": header((2**40, 0)),
    "a negative side": header((-1,)) + bytes(64),
    "texts of gigabytes": header((1,), "<U1000000000"),
    "texts of nothing": header((2**40,), "<U0"),
    "objects": header((1,), "|O") + b"cos\nsystem\n(S'true'\ntR.",
    "fields": header((1,), "|V8") + bytes(8),
    "a deep header": b"\x93NUMPY\x02\x00\xff\x1f\x00\x00" + b"(" * 0x1FFF,
    "a header of gigabytes": b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
    "half": header((8,)) + bytes(63),
    "nothing": b"",
    "another version": b"\x93NUMPY\x03\x00" + header((0,))[8:],
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("read", [read_array, map_array])
def test_a_claim_is_refused(read: Callable[[Path], Any], claim: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(CLAIMS[claim])
    with memory_limit(), pytest.raises(ConfigError) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}: ") and "\n" not in str(refused.value)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_in_an_archive_is_refused(claim: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("actions.npy", CLAIMS[claim])
    with memory_limit(), pytest.raises(ConfigError, match="no readable npz") as refused:
        read_arrays(path, ["actions"])
    assert "\n" not in str(refused.value)


def archive(path: Path, claimed: int, content: bytes, copies: int = 1) -> None:
    """Write an archive of one member; its directory says so many bytes, so many times."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("vertices.npy", content)
    data = path.read_bytes()
    start, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    entry = bytearray(data[start:end])
    entry[24:28] = claimed.to_bytes(4, "little")
    last = bytearray(data[end:])
    last[8:12] = 2 * min(copies, 65535).to_bytes(2, "little")
    last[12:16] = (copies * len(entry)).to_bytes(4, "little")
    path.write_bytes(data[:start] + entry * copies + last)


def bomb(path: Path) -> None:
    archive(path, 2**31, header((2**27,)) + bytes(2**22))


def lying(path: Path) -> None:
    """Write an archive whose member unpacks to more than it says."""
    archive(path, 200, header((2**20,)) + bytes(2**23))


def many_members(path: Path) -> None:
    archive(path, 0, b"", copies=30000)


def lzma(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("vertices.npy", header((3, 3)) + bytes(72))


@pytest.mark.parametrize("write", [bomb, many_members, lzma, lying])
def test_an_archive_is_refused(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "navmesh.npz"
    write(path)
    with memory_limit(), pytest.raises(ValueError, match="no readable npz"):
        read_surface(path)


def test_what_numpy_writes_is_read_as_numpy_reads_it(tmp_path: Path) -> None:
    values = {
        "a": np.arange(24, dtype=np.float16).reshape(2, 3, 4),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "none": np.zeros((0, 7)),
        "scalar": np.array(3.5),
        "texts": np.array(["one", "three"]),
        "truth": np.array([True, False]),
        "swapped": np.arange(3, dtype=">i4"),
    }
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **values)  # type: ignore[operator]
        found = read_arrays(tmp_path / "a.npz")
        assert found.keys() == values.keys()
        for name, value in values.items():
            np.testing.assert_array_equal(found[name], value)
            assert found[name].dtype == value.dtype
    for value in values.values():
        np.save(tmp_path / "a.npy", value)
        np.testing.assert_array_equal(read_array(tmp_path / "a.npy"), value)
        if value.size:
            np.testing.assert_array_equal(map_array(tmp_path / "a.npy"), value)


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_replay_takes_regular_files_alone(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "e.npy"
    {
        "pipe": os.mkfifo,
        "folder": os.mkdir,
        "socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
    }[kind](path)
    policy = ReplayPolicy(Setting.__new__(Setting), str(tmp_path))
    with pytest.raises((ConfigError, OSError)):
        policy.reset([0], [Start("e", 0, "", True)])
