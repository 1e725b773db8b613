"""A file that is replaced is the old one or the new one, whatever goes wrong in between."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from longhaul.files import file_hash, partial, replace_file, replacing


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    replace_file(path, "old")
    with replacing(path) as new:
        new.write_text("ne")
        assert path.read_text() == "old" and new == partial(path)
        new.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_after_an_exception_the_old_file_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    replace_file(path, "old")
    with pytest.raises(KeyError), replacing(path) as new:
        new.write_text("ha")
        raise KeyError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_text_is_utf_8_whatever_the_locale_is(tmp_path: Path) -> None:
    replace_file(tmp_path / "a.txt", "é 任务")
    assert (tmp_path / "a.txt").read_bytes() == "é 任务".encode()


def test_the_hash_is_sha256(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(bytes(range(256)) * 5000)
    told = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert file_hash(path) == told.split()[0]
