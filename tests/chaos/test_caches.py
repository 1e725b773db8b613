"""Caches that several processes fill at their first run: one fills, the others wait, and what a
killed one left is never taken for whole. Decoded demonstrations: tests/demos/test_cache.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from longhaul.configs.navigation import with_dataset
from longhaul.envs.calvin.assets import cache
from longhaul.envs.lhvln.dataset import Dataset
from tests.chaos.dying import dies_before

START = """
import sys, time
from pathlib import Path

def filled():
    with open(Path(sys.argv[1]) / "filled", "a") as file:
        file.write("once\\n")
    time.sleep(0.3)

print("ready", flush=True)
sys.stdin.readline()
"""

ASSETS = """
from longhaul.envs.calvin.assets import cache

def write(path):
    path.mkdir()
    (path / "one").write_text("1")
    filled()
    (path / "two").write_text("2")

found = cache.once(Path(sys.argv[1]) / "cache" / "part", write)
print(sorted(path.name for path in found.iterdir()))
"""

DATASET = """
import longhaul.navgen.generate as module
from longhaul.configs.navigation import with_dataset
from longhaul.envs.lhvln.dataset import write_info

def generate(order):
    order.out.mkdir(parents=True)
    filled()
    write_info(order.out, ("test",))

module.generate = generate
found = Path(with_dataset({"dataset": "builtin:small"})["dataset"])
print(sorted(path.name for path in found.iterdir()))
"""

FILMS = """
import json
from longhaul.webagents.tutorials.library import Library
from longhaul.webagents.video.truth import truth_path

class Script:
    name = "film"

class Slow(Library):
    def _record(self, script, path, browser, sites):
        filled()
        truth_path(path).write_text("{}")
        path.write_bytes(b"film")

print(Slow(Path(sys.argv[1]) / "cache", False).make(Script(), None, None).name)
"""


@pytest.mark.parametrize(
    ("program", "said"),
    [(ASSETS, "['one', 'two']"), (DATASET, "['dataset.json']"), (FILMS, "film-silent.mp4")],
)
def test_three_processes_fill_once(program: str, said: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", START + program, str(tmp_path)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    several = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(3)
    ]
    for process in several:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[0].strip() for process in several] == [said] * 3
    assert (tmp_path / "filled").read_text() == "once\n"


def test_assets_that_a_killed_process_left_are_made_again(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.mkdir()
        for name in ("one", "two"):
            (path / name).write_text(name)

    change, died = 0, True
    while died:
        change += 1
        place = tmp_path / str(change)
        died = dies_before(change, lambda at=place: cache.once(at / "part", write))
        found = cache.once(place / "part", write)
        assert {path.name: path.read_text() for path in found.iterdir()} == {
            "one": "one",
            "two": "two",
        }
        for left in place.glob(".building-*"):
            os.utime(left, (0, 0))  # one that was killed while it was made goes after an hour
        cache.once(place / "other", write)
        assert sorted(path.name for path in place.iterdir() if path.name != ".part.lock") == [
            "other",
            "part",
        ]
    assert change > 5


def test_a_dataset_that_a_killed_process_left_is_made_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark of a whole dataset, dataset.json, is written last."""
    import longhaul.configs.navigation as navigation
    from tests.chaos.test_datasets import build
    from tests.navgen.test_generate import open_flat, order

    monkeypatch.setattr(
        navigation,
        "_order",
        lambda out, *_, **__: order(out, houses=1, tasks=2, build=build, open=open_flat),
    )
    env = {"dataset": "builtin:small"}
    for change in (8, 14, 20, 26):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / str(change)))
        dies_before(change, lambda: with_dataset(env))
        for whole in tmp_path.glob(f"{change}/longhaul/navgen/small-*/dataset.json"):
            assert len(Dataset(whole.parent).episodes()) == 2
        assert len(Dataset(Path(with_dataset(env)["dataset"])).episodes()) == 2
