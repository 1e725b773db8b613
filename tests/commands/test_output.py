"""What a command says: one JSON document, nothing, or lines that no pipe breaks; and its log."""

from __future__ import annotations

import fcntl
import json
import os
import re
import struct
import sys
import termios
from pathlib import Path

import pytest
import yaml
from rich.progress import Progress
from rich.table import Table

from longhaul.__main__ import main
from longhaul.console import LOG_FILE, MAX_LOG_BYTES, Console, logged
from longhaul.errors import ConfigError
from longhaul.output import Output, taken
from tests.evaluation.running import TOY_CONFIG, toy_folder

NOISY_POLICY = """
import os
from longhaul.policies.scripted.hold import HoldPolicy

print("imported")

class Noisy(HoldPolicy):
    def act(self, batch):
        print("acting")
        os.write(1, b"from a library in C\\n")
        return super().act(batch)
"""

TIMED = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d .*\S"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and beside it a config folder with the toy env."""
    working = toy_folder(tmp_path)
    monkeypatch.chdir(working)
    return working


def rollout(*words: str) -> int:
    base = ["--config-dir", "../configs", "env=toy", "policy=random", "episodes=2", "workers=1"]
    return main(["rollout", *base, "videos.first=0", "videos.failures=0", "device=cpu", *words])


@pytest.mark.parametrize("asked", [["--json"], ["json=true"], ["--json=True", "--quiet"]])
def test_a_rollouts_document_is_its_summary(
    asked: list[str], here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert rollout("run_dir=a", *asked) == 0
    out, err = capfd.readouterr()
    document = json.loads(out)
    written = json.loads(Path("a/summary.json").read_text())
    assert {key: document[key] for key in written} == written
    assert ("run folder: a" in err) == ("--quiet" not in asked)
    assert "config.json" not in json.dumps(written["provenance"]["identity"])


def test_what_a_policy_prints_is_not_in_the_document(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("noisy_policy.py").write_text(NOISY_POLICY)
    Path("pyproject.toml").write_text(
        '[project.entry-points."longhaul.policies"]\nnoisy = "noisy_policy:Noisy"\n'
    )
    assert rollout("--plugin", ".", "policy=noisy", "run_dir=a", "--json") == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["status"]
    assert {"imported", "acting", "from a library in C"} <= set(err.splitlines())


def test_a_sweeps_document_is_a_list(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rollout("-m", "env.color=red,blue", "--json") == 2
    first, second = json.loads(capfd.readouterr().out)
    assert first["status"] and second["error"].startswith("env.color=blue is unknown")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["rollout", "policy=foo"], "policy=foo is unknown"),
        (["rollout", "--episodes", "3"], "--episodes 3: keys are given as episodes=3"),
        (["train", "data.path=nowhere"], "nowhere"),
        (["compare", "a"], "give a second run: longhaul compare a runs/OTHER"),
        (["compare"], "the following arguments are required"),
        (["compare", "a", "b"], "a holds no finished run"),
        (["view", "nowhere"], "nowhere is not a folder"),
        (["view", "env=nowhere"], "env=nowhere is unknown"),
        (["ablate", "--variants", "none"], "--variants=none is unknown"),
        (["power", "2", "3"], "rates 2.0 3.0: give two in 0..1"),
        (["generate", "houses=0"], "houses=0 must be a whole number"),
    ],
)
def test_an_errors_document_names_it(
    words: list[str], error: str, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--json"]) == 2
    out, err = capfd.readouterr()
    document = json.loads(out)
    assert list(document) == ["error"] and error in document["error"]
    assert err == f"error: {document['error']}\n"
    assert not list(here.iterdir())


def test_a_quiet_command_says_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rollout("run_dir=a", "--quiet") == 0
    assert main(["power", "0.4", "0.5", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")
    assert "run folder: a" in Path("a", LOG_FILE).read_text()


def test_comparisons_and_numbers_of_episodes_are_documents(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert rollout("run_dir=a", "--quiet") == rollout("run_dir=b", "policy=hold", "--quiet") == 0
    assert main(["compare", "a", "b", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["base"] == "a" and found["others"][0]["run"] == "b" and found["episodes"] == 2
    gap = found["others"][0]["differences"]["sr"]
    assert gap["difference"] == gap["b"] - gap["a"]
    assert main(["power", "0.4", "0.5", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["different"] == 388


def test_flags_have_two_values() -> None:
    output, rest = taken(["a", "--json", "quiet=false", "json", "b=--json"])
    assert output.json and not output.quiet and rest == ["a", "json", "b=--json"]
    for word in ("json=1", "--quiet=", "quiet=yes"):
        with pytest.raises(ConfigError, match=f"{word} must be true or false"):
            taken([word])


def test_no_pipe_breaks_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    table = Table("name", title="a title that is longer than what it stands above")
    table.add_row("word " * 40)
    line = f"run folder: {'x' * 90} [/b] [red]3[/red] episodes :smile: {'y ' * 90}".rstrip()
    Output().result({}, line, table)
    Output().messages.print(line)
    out, err = capsys.readouterr()
    assert err == out.partition("\n")[0] + "\n" == f"{line}\n"
    assert any("word " * 40 in row for row in out.splitlines())


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_terminal_has_its_own_width(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("COLUMNS")
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 61, 0, 0))
    with os.fdopen(ours), os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setattr("rich.console._STD_STREAMS", (terminal.fileno(),))
        assert Console().width == 61


def test_a_log_has_what_was_said_with_the_time(tmp_path: Path) -> None:
    console = Console(stderr=True, quiet=True)
    for _ in range(2):
        with logged(console, tmp_path):
            console.print("run folder: [b]a[/b]")
            with Progress(console=console) as bar:
                task = bar.add_task("episodes", total=3)
                console.print("said beside a bar")
                bar.update(task, advance=1, refresh=True)
    with pytest.raises(ConfigError), logged(console, tmp_path):
        raise ConfigError("device=gpu\nis unknown")
    with pytest.raises(ZeroDivisionError), logged(console, tmp_path):
        raise ZeroDivisionError("a bug")
    console.print("said when it was over")
    text = (tmp_path / LOG_FILE).read_text()
    assert all(re.fullmatch(TIMED, line) for line in text.splitlines()) and "\x1b" not in text
    said = [line.partition(" ")[2] for line in text.splitlines()]
    begins = f"process {os.getpid()} begins"
    assert said[:6] == [begins, "run folder: [b]a[/b]", "said beside a bar"] * 2
    assert said[6:9] == [begins, "error: device=gpu is unknown", begins]
    assert said[9].startswith("Traceback") and said[-1] == "ZeroDivisionError: a bug"


def test_a_log_is_bounded_and_keeps_what_is_new(tmp_path: Path) -> None:
    console = Console(stderr=True, quiet=True)
    (tmp_path / LOG_FILE).write_text("old\n" + "x" * MAX_LOG_BYTES + "\n")
    with logged(console, tmp_path):
        for number in range(30):
            console.print(f"{number} " + "y" * (MAX_LOG_BYTES // 20))
    text = (tmp_path / LOG_FILE).read_text()
    assert len(text) < 2 * MAX_LOG_BYTES and "old" not in text and " 29 yyy" in text


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    console = Console(stderr=True, quiet=True)
    (tmp_path / LOG_FILE).mkdir()
    with logged(console, tmp_path):
        console.print("said")
    assert not list((tmp_path / LOG_FILE).iterdir())


def test_a_run_that_stops_says_why_in_its_log(here: Path) -> None:
    faults = {f"test-{i:04d}": "raise" for i in range(9)}
    Path("../configs/env/toy.yaml").write_text(yaml.safe_dump({**TOY_CONFIG, "faults": faults}))
    assert rollout("episodes=9", "run_dir=a", "engine.max_errors=2") == 1
    assert "error: the last 2 episodes ended in an error" in Path("a", LOG_FILE).read_text()


def test_a_start_that_takes_long_says_what_it_is_at(capsys: pytest.CaptureFixture[str]) -> None:
    with Output() as output:
        output.at("opening the env")
        assert capsys.readouterr().err == ""
        output.patience_s = 0.0
        output.at("loading the policy")
        output.at("looking around")
        assert capsys.readouterr().err == "loading the policy ...\nlooking around ...\n"
