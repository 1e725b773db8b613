"""The cache of decoded demonstrations: whole, made once, announced, bounded, and named by all that
determines its content."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import longhaul.demos.cache as cache_module
from longhaul.console import Console
from longhaul.demos.cache import build_cache
from longhaul.demos.cache_folder import INDEX_FILE, USED_FILE, CacheOptions
from longhaul.errors import ConfigError
from tests.chaos.dying import dies_before
from tests.demos.made import MadeSource

SIZES = {"front": 8, "wrist": None}
LENGTHS = (3, 4)


def kept(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob(f"*/{INDEX_FILE}")}


def key(
    folder: Path, sizes: Mapping[str, int | None] = SIZES, source: MadeSource | None = None
) -> str:
    return build_cache(source or MadeSource(LENGTHS), sizes, folder).key


@pytest.mark.parametrize(
    "sizes",
    [
        {"front": 16, "wrist": None},
        {"front": 8, "wrist": 8},
        {"front": None, "wrist": None},
        {"front": None, "wrist": 8},
        {"front": 8},
        {"wrist": None},
    ],
)
def test_other_pictures_are_another_cache(sizes: dict[str, int | None], tmp_path: Path) -> None:
    first, other = key(tmp_path), key(tmp_path, sizes)
    assert first != other and kept(tmp_path) == {first, other}
    found = build_cache(MadeSource(LENGTHS), sizes, tmp_path)
    asked = {"front": sizes.get("front") or 32, "wrist": sizes.get("wrist") or 16}
    assert {n: p.shape[1] for n, p in found.pictures.items()} == {n: asked[n] for n in sizes}


def test_the_order_of_cameras_is_no_difference(tmp_path: Path) -> None:
    assert key(tmp_path) == key(tmp_path, dict(reversed(SIZES.items())))


def test_another_dataset_or_layout_is_another_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {key(tmp_path), key(tmp_path, source=MadeSource((3, 5)))}
    keys.add(key(tmp_path, source=MadeSource(LENGTHS, jogged=True)))
    monkeypatch.setattr(cache_module, "CACHE_VERSION", 0)
    keys.add(key(tmp_path))
    assert len(keys) == 4 and kept(tmp_path) == keys


def test_the_first_fill_says_place_size_and_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = build_cache(MadeSource(LENGTHS), SIZES, tmp_path, console=Console(stderr=True))
    said = capsys.readouterr().err
    (line,) = said.splitlines()
    assert f"decoding 7 frames into {tmp_path}, " in line and "0.0 MiB" in line
    assert "data.cache.folder" in line and "data.cache.most_gib=50" in line
    build_cache(MadeSource(LENGTHS), SIZES, tmp_path, console=Console(stderr=True))
    assert capsys.readouterr().err == ""
    size = sum(p.stat().st_size for p in (tmp_path / made.key).glob("*.npy"))
    exact = cache_module._bytes_per_frame(MadeSource().spec, SIZES) * 7
    assert exact <= size <= exact + 200 * 10  # headers of .npy files


def test_the_least_recently_used_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [MadeSource((40, number)) for number in (1, 2, 3)]
    size = cache_module._bytes_per_frame(sources[0].spec, SIZES) * 45 + 4000
    options = CacheOptions(str(tmp_path), 2 * size / 2**30)
    first, second = (build_cache(source, SIZES, options).key for source in sources[:2])
    for name, age in ((first, 10), (second, 20)):
        stamp = time.time() - age
        os.utime(tmp_path / name / USED_FILE, (stamp, stamp))
    assert kept(tmp_path) == {first, second}
    build_cache(sources[1], SIZES, options)  # used again, and so the younger of the two
    third = build_cache(sources[2], SIZES, options).key
    assert kept(tmp_path) == {second, third}
    assert f"{tmp_path / first}: removed, as the least recently used" in capsys.readouterr().err


@pytest.mark.parametrize("most_gib", [0, 1e-9])
def test_what_may_not_be_kept_is_decoded_for_one_session(most_gib: float, tmp_path: Path) -> None:
    options = CacheOptions(str(tmp_path), most_gib)
    found = build_cache(MadeSource(LENGTHS), SIZES, options)
    assert kept(tmp_path) == set() and [p.name for p in tmp_path.iterdir()] == [".lock"]
    wanted = build_cache(MadeSource(LENGTHS), SIZES, tmp_path / "kept")
    for name, pictures in wanted.pictures.items():
        np.testing.assert_array_equal(found.pictures[name][0:7], pictures[0:7])


@pytest.mark.parametrize(
    "options", [{"most_gib": -1}, {"most_gib": True}, {"most_gib": "50GB"}, {"folder": 3}]
)
def test_wrong_options_are_named(options: dict[str, Any]) -> None:
    ((name, value),) = options.items()
    with pytest.raises(ConfigError, match=re.escape(f"data.cache.{name}={value} must be ")):
        CacheOptions(**options)


FILL = """
import sys
from pathlib import Path
import longhaul.demos.cache as cache
from tests.demos.made import MadeSource
write = cache._write
def telling(*args):
    print("filled", flush=True)
    write(*args)
cache._write = telling
print(cache.build_cache(MadeSource((30, 40)), {"front": 8, "wrist": None}, Path(sys.argv[1])).key)
"""


def test_two_processes_fill_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FILL, str(tmp_path / "cache")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [(process.communicate()[0].split(), process.returncode) for process in both]
    assert [code for _, code in said] == [0, 0]
    assert sum(words.count("filled") for words, _ in said) == 1
    assert len({words[-1] for words, _ in said}) == 1
    assert sorted(p.name for p in (tmp_path / "cache").iterdir()) == [".lock", said[0][0][-1]]


def test_what_a_killed_process_left_is_never_taken_for_whole(tmp_path: Path) -> None:
    wanted, change, died = build_cache(MadeSource(LENGTHS), SIZES, tmp_path / "whole"), 0, True
    while died:
        change += 1
        folder = tmp_path / str(change)

        def work(at: Path = folder) -> None:
            build_cache(MadeSource(LENGTHS), SIZES, at)

        died = dies_before(change, work)
        found = build_cache(MadeSource(LENGTHS), SIZES, folder)
        for name, pictures in wanted.pictures.items():
            np.testing.assert_array_equal(found.pictures[name][0:7], pictures[0:7])
        for scratch in folder.glob(".filling-*"):
            os.utime(scratch, (0, 0))  # one that was killed while it was made goes after an hour
        build_cache(MadeSource((2, 2)), SIZES, folder)
        assert {p.name for p in folder.glob(".*")} == {".lock"}
    assert change > 5


@pytest.mark.parametrize("how", ["cut", "garbage", "gone", "index of words"])
def test_a_broken_cache_is_made_again_and_said(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = key(tmp_path)
    array = tmp_path / name / "camera.front.npy"
    if how == "cut":
        os.truncate(array, array.stat().st_size - 10)
    elif how == "garbage":
        array.write_bytes(b"\0" * 500)
    elif how == "gone":
        array.unlink()
    else:
        (tmp_path / name / INDEX_FILE).write_text('["words"]')
    capsys.readouterr()
    assert key(tmp_path) == name
    assert f"{tmp_path / name}: this cache is broken and is made again" in capsys.readouterr().err
