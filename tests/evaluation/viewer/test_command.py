"""scripts/view.py as a person starts and ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from longhaul.commands.view import main
from tests.evaluation.viewer.made import records, write_run

ROOT = Path(__file__).parents[3]


@contextmanager
def started(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command with its address, stopped by its own process id whatever happens."""
    command = [sys.executable, "scripts/view.py", *words]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=heeds_ctrl_c
    ) as viewer:
        try:
            assert viewer.stdout is not None
            yield viewer, viewer.stdout.readline().strip()
        finally:
            viewer.kill()


def heeds_ctrl_c() -> None:
    """A shell has what it starts in the background ignore it, tests too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_viewer_serves_until_ctrl_c(tmp_path: Path) -> None:
    with started(str(write_run(tmp_path / "run", records(2)))) as (viewer, address):
        assert address.startswith("http://127.0.0.1:") and len(address.split("/")[3]) >= 32
        with urlopen(f"{address}data/run/0/rows.json") as answer:
            assert len(json.load(answer)["rows"]) == 2
        viewer.send_signal(signal.SIGINT)
        assert viewer.wait(60) == 0


def test_a_live_session_of_a_configuration_ends_with_ctrl_c(tmp_path: Path) -> None:
    words = ["policy=hold", "env=calvin", "episodes=3", "env.observations=[robot_obs]"]
    with started(*words, "--demos", str(tmp_path / "demos")) as (viewer, address):
        after, state = -1, {"ready": False}
        while not state["ready"]:
            with urlopen(f"{address}live/state?viewer=a&after={after}") as answer:
                state = json.load(answer)
            after = state["version"]
        assert state["episode"] == json.load(urlopen(f"{address}live/episodes"))[0]
        command = json.dumps({"do": "run", "steps": 2}).encode()
        kind = {"Content-Type": "application/json"}
        urlopen(Request(f"{address}live/do?viewer=a", command, kind)).read()
        while state["steps"] < 2:
            with urlopen(f"{address}live/state?viewer=a&after={state['version']}") as answer:
                state = json.load(answer)
        assert len(state["states"]["robot_obs"][""]) == 15 and state["yours"]
        viewer.send_signal(signal.SIGINT)
        assert viewer.wait(60) in (0, 130)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere is not a folder"),
        (["policy=nobody"], "policy=nobody is unknown; valid: "),
        (["policy=hold", "env=toy"], "env=toy is unknown; valid: "),
        (["policy=hold", "env=lohoravens", "env.renderer=ink"], "renderer"),
        (["policy=no_op", "env=videowebarena", "--demos", "/no"], "mode browser are no vectors"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    *before, error = captured.err.splitlines()
    assert error.startswith("error: ") and said in error and captured.out == ""
    assert all(line.endswith(" ...") for line in before)  # what a live session was at
    if "env=videowebarena" in words:
        assert before[0] == "opening env longhaul/VideoWebArena-v0 ..."
