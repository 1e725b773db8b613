"""Nothing outlives a command, however it ends: no process, stopped ones neither, and no file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from longhaul.processes import PREFIX, is_stopped, parent
from longhaul.scratch import LOCK_FILE, Scratch, make_scratch, remove_abandoned
from tests.chaos import left
from tests.evaluation.killing import ROOT, Command

HANGS = {"faults": {"test-0000": "hang", "test-0001": "hang"}, "step_s": 0.0}
"""The toy env: both workers are in their third step, and stay there."""


@pytest.fixture
def temp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder for temporary files, in which sockets can be made."""
    folder = Path(mkdtemp(prefix="lh-", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    left.wait_until_gone(str(folder), 0.0)
    assert left.files(folder) == []
    folder.rmdir()


def hanging(folder: Path) -> tuple[Command, subprocess.Popen[bytes]]:
    """Start a rollout and return it when both of its workers hang."""
    struck = folder / "struck"
    struck.mkdir()
    env = {**HANGS, "scratch": str(struck)}
    command = Command(folder, ("policy=random", "episodes=2", "workers=2", "run_dir=run"), env)
    process = command.start()
    while len(list(struck.iterdir())) < 2:
        assert process.poll() is None, (folder / "stderr").read_text()
        time.sleep(0.02)
    return command, process


def forked(command: Command, main: int) -> tuple[list[int], list[int]]:
    """Return the fork server and its workers."""
    ours = {pid: line for pid, line in left.processes(os.environ["TMPDIR"]).items() if pid != main}
    found = [pid for pid, line in ours.items() if "multiprocessing.forkserver" in line]
    return (
        [pid for pid in found if parent(pid) == main],
        [pid for pid in found if parent(pid) != main],
    )


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGTERM, 143, "terminated; the same command goes on from here"),
        (signal.SIGINT, 130, "interrupted; the same command goes on from here"),
    ],
)
def test_a_signal_ends_a_rollout_whose_worker_is_stopped(
    number: int, code: int, said: str, tmp_path: Path, temp: Path
) -> None:
    command, process = hanging(tmp_path)
    _, workers = forked(command, process.pid)
    os.kill(workers[0], signal.SIGSTOP)
    process.send_signal(number)
    assert process.wait(60) == code
    assert (tmp_path / "stderr").read_text().splitlines()[-1] == said
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    # At once: what the command has started it ends itself, and waits for that.
    assert [
        line for line in left.processes(str(temp)).values() if "resource_tracker" not in line
    ] == []
    assert left.files(temp) == []


@pytest.mark.parametrize("role", [0, 1])
def test_what_is_stopped_goes_with_a_main_process_that_is_killed(
    role: int, tmp_path: Path, temp: Path
) -> None:
    """A stopped process does nothing at the end of its parent: it has to be killed."""
    command, process = hanging(tmp_path)
    stopped = forked(command, process.pid)[role][0]
    os.kill(stopped, signal.SIGSTOP)
    process.kill()
    process.wait()
    assert left.wait_until_gone(str(temp)) == {}
    assert left.files(temp) == []


OWNER = """
import os, subprocess, sys, time
from longhaul.processes import owned
with owned() as folder:
    (folder / "profile").mkdir()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, folder, flush=True)
time.sleep(600)
"""


def start_owner() -> tuple[subprocess.Popen[str], int, Path]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", OWNER]
    owner = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    child, folder = owner.stdout.readline().split()
    return owner, int(child), Path(folder)


def test_what_even_the_guard_could_not_remove_goes_with_the_next_start(temp: Path) -> None:
    lives, child_of_living, folder_of_living = start_owner()
    dead, child, folder = start_owner()
    (guard,) = [pid for pid, line in left.processes(str(folder)).items() if "guard.py" in line]
    os.kill(guard, signal.SIGSTOP)
    dead.kill()
    dead.wait()
    os.kill(guard, signal.SIGKILL)
    assert child in left.processes(str(folder)) and folder.is_dir()
    third, _, _ = start_owner()
    assert child not in left.processes(str(folder)) and not folder.exists()
    assert child_of_living in left.processes(str(folder_of_living)) and folder_of_living.is_dir()
    for owner in (lives, third):
        owner.kill()
        owner.wait()
    assert left.wait_until_gone(str(temp)) == {}


def test_only_real_folders_that_nobody_holds_are_removed(tmp_path: Path) -> None:
    held, lock = make_scratch(tmp_path, PREFIX)
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / LOCK_FILE).touch()
    (tmp_path / f"{PREFIX}link").symlink_to(other)
    (tmp_path / f"{PREFIX}unlocked").mkdir()
    linked = tmp_path / f"{PREFIX}linked"
    linked.mkdir()
    (linked / LOCK_FILE).symlink_to(other / LOCK_FILE)
    before = left.files(tmp_path)
    remove_abandoned(tmp_path, PREFIX)
    assert left.files(tmp_path) == before
    os.close(lock)  # as the end of its maker does
    remove_abandoned(tmp_path, PREFIX)
    assert not held.exists() and left.files(other) == [LOCK_FILE]


def test_a_stopped_process_is_known_as_one() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        assert not is_stopped(process.pid)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert is_stopped(process.pid)
        process.kill()


def test_a_folder_for_unfinished_work_goes_when_the_next_one_is_made(tmp_path: Path) -> None:
    """For those whose maker nobody watches, such as what a conversion writes beside its target."""
    with Scratch(".out.", tmp_path) as held:
        (held / "half").touch()
        abandoned, lock = make_scratch(tmp_path, ".out.")
        os.close(lock)
        with Scratch(".out.", tmp_path) as other:
            assert held.is_dir() and other.is_dir() and not abandoned.exists()
        assert left.files(tmp_path) == [held.name, f"{held.name}/{LOCK_FILE}", f"{held.name}/half"]
    assert left.files(tmp_path) == []
