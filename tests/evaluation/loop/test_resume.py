"""kill -9 of the main process alone, then the same command: nothing is lost, doubled or left."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.evaluation.killing import PATIENCE_S, Command, metrics, records

KILLS = 10
TOY = {"faults": {}, "step_s": 0.006, "scratch": None}


def left_in_shared_memory() -> set[str]:
    """Return what lies in /dev/shm though no living process has it mapped.

    By inode: a semaphore is mapped under the name that it had before it got its own.
    """
    entries = {str(entry.inode()): entry.name for entry in os.scandir("/dev/shm")}
    if entries:
        for maps in Path("/proc").glob("[0-9]*/maps"):
            with suppress(OSError):  # gone in between
                for line in maps.read_text().splitlines():
                    entries.pop(line.split()[4], None)
    return set(entries.values())


def assert_nothing_left_in_shared_memory(before: set[str]) -> None:
    """Other programs' files are seen before they are mapped, for a moment."""
    end = time.monotonic() + PATIENCE_S
    while left := left_in_shared_memory() - before:
        assert time.monotonic() < end, left
        time.sleep(0.1)


def lines(command: Command) -> int:
    path = command.folder / "run/episodes.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def interrupt(whole: Command, broken: Command, longest_s: float) -> None:
    """Run `whole` to its end and `broken` too, but with ten kills; none leaves anything behind."""
    whole.finish()
    chance = random.Random(0)
    before = left_in_shared_memory()
    progress = []
    for kill in range(KILLS):
        process = broken.start()
        if kill % 2:  # at any moment of its start
            time.sleep(chance.uniform(0.1, longest_s))
        else:  # at any moment of its work
            enough = lines(broken) + chance.randint(1, 4)
            while lines(broken) < enough and process.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.uniform(0.0, 0.2))
        assert process.poll() is None, "it ended before it could be killed: give it more to do"
        broken.kill_main(process)
        assert_nothing_left_in_shared_memory(before)
        progress.append(lines(broken))
    assert progress == sorted(progress)
    assert 0 < progress[-1] < len(records(whole.folder / "run"))
    broken.finish()
    broken.wait_until_gone()
    assert_nothing_left_in_shared_memory(before)
    assert not list((broken.folder / "run").rglob("*.partial"))


def results(command: Command) -> tuple[list[dict], dict]:
    """Return the records of a run, each episode once, and its metrics."""
    folder = command.folder / "run"
    found = records(folder)
    ids = [record["id"] for record in found]
    assert len(ids) == len(set(ids))
    return found, metrics(folder)


def two_commands(folder: Path, arguments: tuple[str, ...], env: dict) -> tuple[Command, Command]:
    commands = Command(folder / "whole", arguments, env), Command(folder / "broken", arguments, env)
    for command in commands:
        command.folder.mkdir()
    return commands


def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    arguments = ("policy=random", "episodes=70", "workers=2", "run_dir=run", "videos.failures=1")
    whole, broken = two_commands(tmp_path, arguments, TOY)
    interrupt(whole, broken, longest_s=1.5)
    assert results(broken) == results(whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    "observations", ["[rgb_static,rgb_gripper,robot_obs]", "[robot_obs,scene_obs]"]
)
def test_ten_kills_change_nothing_in_calvin(observations: str, tmp_path: Path) -> None:
    arguments = (
        *("policy=random", "env=calvin", "episodes=160", "workers=2", "run_dir=run"),
        *("env.subtask_steps=20", f"env.observations={observations}", "videos.failures=1"),
    )
    whole, broken = two_commands(tmp_path, arguments, {})
    interrupt(whole, broken, longest_s=6.0)
    assert results(broken) == results(whole)


@pytest.mark.parametrize("fault", ["hang", "hang_in_c", "hang_reset"])
def test_workers_that_hang_go_with_the_main_process(fault: str, tmp_path: Path) -> None:
    faults = {f"test-{i:04d}": fault for i in range(2)}
    (tmp_path / "struck").mkdir()
    env = {**TOY, "faults": faults, "scratch": str(tmp_path / "struck")}
    command = Command(tmp_path, ("policy=random", "episodes=2", "workers=2", "run_dir=run"), env)
    process = command.start()
    while {mark.name for mark in (tmp_path / "struck").iterdir()} != set(faults):
        assert process.poll() is None
        time.sleep(0.02)
    command.kill_main(process)


def test_ctrl_c_ends_a_run_that_the_same_command_continues(tmp_path: Path) -> None:
    arguments = ("policy=random", "episodes=20", "workers=2", "run_dir=run")
    command = Command(tmp_path, arguments, TOY)
    process = command.start()
    while not lines(command):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE_S) == 130
    command.wait_until_gone()
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    assert "interrupted; the same command goes on from here" in (tmp_path / "stderr").read_text()
    assert lines(command) < 20
    command.finish()
    assert lines(command) == 20


def test_a_long_path_to_temporary_files_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket's path has at most 107 bytes."""
    folder = tmp_path / ("x" * 110)
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    Command(tmp_path, ("policy=random", "episodes=1", "workers=1", "run_dir=run"), TOY).finish()
    assert not list(folder.iterdir())
