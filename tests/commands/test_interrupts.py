"""Ctrl-C at any moment of any command: one line, exit code 130; a second one ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from longhaul.__main__ import main
from longhaul.commands import CONTINUED, commands
from longhaul.interrupts import INTERRUPTED, interruptible, withheld

GOES_ON = "interrupted; the same command goes on from here\n"

DURING_IMPORT = """
import os, signal, sys
class Strikes:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r} and self in sys.meta_path:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Strikes())
from longhaul.__main__ import main
sys.exit(main({words!r}))
"""

POLICY = """
import signal
import numpy as np
from longhaul.policies.scripted.hold import HoldPolicy

def strike(here, moment):
    if here == moment:
        signal.raise_signal(signal.SIGINT)

class Striking(HoldPolicy):
    def __init__(self, setting, moment="import"):
        strike("make", moment)
        super().__init__(setting)
        self.moment = moment
    def reset(self, slots, starts):
        strike("reset", self.moment)
    def act(self, batch):
        strike("act", self.moment)
        return super().act(batch)
    def provenance(self):
        strike("provenance", self.moment)
        return {}
"""


@pytest.fixture(autouse=True)
def usual_handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


WORDS = {"power": ["0.4", "0.5"], "view": ["runs/a"], "planner-adapt": ["--out", "a"]}
WORDS |= {"compare": ["a", "b"], "convert": ["a", "b"], "curve": ["a"]}
WORDS["planner-remember"] = ["a", "--out", "b"]


@pytest.mark.parametrize("command", sorted(commands()))
@pytest.mark.parametrize(
    "module", ["omegaconf", pytest.param("longhaul.commands", marks=pytest.mark.slow)]
)
def test_ctrl_c_while_libraries_are_imported_is_one_line(
    command: str, module: str, tmp_path: Path
) -> None:
    words = [command, *WORDS.get(command, [])]
    program = DURING_IMPORT.format(module=module, words=words)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.getcwd()})  # fmt: skip
    said = GOES_ON if command in CONTINUED else "interrupted\n"
    assert (told.returncode, told.stdout, told.stderr) == (INTERRUPTED, "", said)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("moment", ["make", "provenance", "reset", "act"])
def test_ctrl_c_in_somebodys_policy_is_one_line(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    module = f"strikes_at_{moment}"  # a process imports a name once
    (tmp_path / f"{module}.py").write_text(POLICY)
    (tmp_path / "pyproject.toml").write_text(
        f'[project.entry-points."longhaul.policies"]\n{module} = "{module}:Striking"\n'
    )
    words = ["rollout", "--plugin", ".", f"policy={module}", f"policy.moment={moment}"]
    code = main([*words, "env=calvin", "episodes=1", "workers=1", "run_dir=a", "device=cpu"])
    err = capfd.readouterr().err
    assert code == INTERRUPTED
    assert err.endswith(GOES_ON) and "Traceback" not in err


def test_a_second_ctrl_c_ends_a_command_that_does_not_end() -> None:
    program = """
import signal, time
from longhaul.interrupts import interruptible
with interruptible():
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGINT)
        time.sleep(600)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.returncode == INTERRUPTED
    assert told.stderr == "interrupted again: ended at once\n"


def test_a_job_that_ignores_ctrl_c_still_does() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_ctrl_c_that_is_withheld_from_a_process_still_reaches_this_one() -> None:
    with pytest.raises(KeyboardInterrupt), withheld():
        child = subprocess.Popen([sys.executable, "-c", "import time; print(1); time.sleep(600)"],
                                 stdout=subprocess.PIPE)  # fmt: skip
        signal.raise_signal(signal.SIGINT)
    assert child.stdout is not None and child.stdout.readline() == b"1\n"
    child.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert child.poll() is None
    child.kill()
    child.communicate()


@pytest.mark.slow
def test_generate_ends_with_its_processes_at_a_terminals_ctrl_c(tmp_path: Path) -> None:
    """A terminal sends the signal to all processes of the group."""
    words = ["generate", "houses=2", "tasks=2000", "workers=2", "out=out"]
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    with (tmp_path / "stderr").open("w") as stderr:
        process = subprocess.Popen([sys.executable, "-m", "longhaul", *words], cwd=tmp_path,
                                   stderr=stderr, env=env, start_new_session=True)  # fmt: skip
    filled = tmp_path / "out" / "generation" / "house_0000.jsonl"
    while not (filled.is_file() and filled.stat().st_size):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=60) == INTERRUPTED
    told = (tmp_path / "stderr").read_text()
    assert told.endswith(GOES_ON) and "Traceback" not in told
    assert filled.read_bytes().count(b"\n") < 1000
    assert (filled.parent / "log.txt").read_text().endswith(" interrupted\n")
    with pytest.raises(ProcessLookupError):  # no process of the group is left
        for _ in range(600):
            os.killpg(process.pid, 0)
            time.sleep(0.1)
