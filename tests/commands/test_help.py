"""`--help`, did-you-mean and shell completion: what each says is read from the YAML files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from longhaul.__main__ import main
from longhaul.commands import commands
from longhaul.commands.completion import CONFIGS, FOLDERS, SHELLS, complete
from longhaul.configs.app import keys_of
from longhaul.configs.filling import CONFIG_FOLDER
from longhaul.configs.signatures import options_of

COMPOSED = sorted(set(CONFIGS) & set(commands()))


def test_the_door_lists_every_command_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name, sentence in commands().items():
        assert f"  {name} " in out and sentence in out
        assert sentence.endswith("."), name


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        assert main([name, "--help"]) == 0
    except SystemExit as end:  # argparse's way
        assert end.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: longhaul {name}")
    assert commands()[name].split()[0] in out


@pytest.mark.parametrize("name", ["rollout", "record", "train", "generate", "rejudge"])
def test_every_key_has_a_sentence(name: str) -> None:
    keys = keys_of(CONFIGS[name], [], FOLDERS.get(name, "."))
    silent = [key.name for key in keys.own if not key.sentence]
    assert not silent


def test_help_lists_this_commands_keys_of_the_chosen_groups_with_their_defaults() -> None:
    keys = keys_of("rollout", ["policy=random", "env=lhvln", "seed=7"])
    shown = {key.name: key for key in keys.own}
    shown |= {key.name: key for group in keys.groups for key in group.keys}
    options = options_of("longhaul.envs.lhvln.env.LhVlnEnv")
    assert {f"env.{name}" for name in options} <= shown.keys()
    assert shown["env.hfov"].default == str(options["hfov"].default) == "90"
    assert shown["seed"].default == "7" and shown["env.size"].default == "null"
    assert shown["env.gpu"].sentence == "The device that habitat draws on."
    assert "houses" not in shown and not any(name.startswith("hydra") for name in shown)
    policies = {path.stem for path in (CONFIG_FOLDER / "policy").glob("*.yaml")}
    (group,) = (group for group in keys.groups if group.name == "policy")
    assert group.choice == "random" and set(group.valid) == policies


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rolout"], "command rolout is unknown; did you mean rollout? valid: ablate, "),
        (["rollout", "polcy=seer"], "polcy is unknown; did you mean policy? valid: "),
        (["rollout", "policy=ser"], "policy=ser is unknown; did you mean seer? valid: cliport, "),
        (["rollout", "env.scnee=A"], "env.scnee is unknown; did you mean scene? valid: "),
        (["rollout", "policy=random", "env=calvn"], "env=calvn is unknown; did you mean calvin? "),
        (["generate", "huoses=1"], "huoses is unknown; did you mean houses? valid: "),
        (
            ["compare", "a", "b", "--forse"],
            "unrecognized arguments: --forse; did you mean --force?",
        ),
        (["rollout", "--plugin", "nowhere"], "plugin=nowhere is not a folder"),
        (["rollout", "--episodes", "3"], "--episodes 3: keys are given as episodes=3"),
        (["rollout", "--workers=2"], "--workers=2: keys are given as workers=2"),
        (
            ["train", "--policy", "seer", "device=cpu"],
            "--policy seer: keys are given as policy=seer",
        ),
        (["record", "-n", "3"], "-n 3: keys are given as KEY=VALUE, such as episodes=3"),
        (["rollout", "episodes", "3"], "episodes 3: keys are given as episodes=3"),
        (["generate", "houses:3"], "houses:3: keys are given as houses=3"),
        (["rollout", "policy", "=", "seer"], "policy = seer: keys are given as policy=seer"),
        (["rollout", "policy=", "seer"], "policy= seer: keys are given as policy=seer"),
        (["rollout", "policy", "=seer"], "policy =seer: keys are given as policy=seer"),
        (["rollout", "seed", "-1"], "seed -1: keys are given as seed=-1"),
        (["rollout", "seer"], "seer: keys are given as KEY=VALUE, such as episodes=3"),
        (["rollout", "--jsno"], "--jsno is unknown; did you mean --json?"),
        (["ablate", "--episodes", "3"], "--episodes 3: keys are given as episodes=3"),
        (["completion", "tcsh"], "shell tcsh is unknown; "),
    ],
)
def test_what_is_wrong_is_one_line_with_the_nearest_valid_word(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    try:
        code = main(words)
    except SystemExit as end:
        code = end.code
    err = capsys.readouterr().err
    assert code == 2 and err.count("\n") == 1
    assert err.startswith(f"error: {message}")
    assert not list(tmp_path.iterdir())


def test_completion_knows_commands_keys_values_and_options() -> None:
    assert complete("longhaul roll") == ["rollout"]
    assert set(complete("longhaul ")) == {*commands(), "completion"}
    assert complete("longhaul rollout policy=seer_s") == ["policy=seer_small"]
    assert complete("longhaul rollout env=lhvln env.hf") == ["env.hfov="]
    assert complete("longhaul rollout env=calvin env.hf") == []
    assert complete("longhaul train recipe=pre") == ["recipe=pretrain"]
    assert complete("longhaul compare --fo") == ["--force"]
    assert complete("longhaul compare runs/") == []
    assert set(complete("longhaul completion ")) == set(SHELLS)


def test_bash_completes_words_that_it_splits_at_equals_signs(tmp_path: Path) -> None:
    """Bash itself runs the function as its line editor would, with words split at `=`."""
    (tmp_path / "longhaul").write_text(f'#!/bin/sh\nexec {sys.executable} -m longhaul "$@"\n')
    (tmp_path / "longhaul").chmod(0o755)
    program = (
        SHELLS["bash"]
        + """
compopt() { echo "compopt $1 $2"; }
COMP_LINE='longhaul rollout policy=seer_'; COMP_POINT=${#COMP_LINE}
_longhaul; printf '%s\\n' "${COMPREPLY[@]}"
COMP_LINE='longhaul rollout policy=random episo'; COMP_POINT=${#COMP_LINE}
_longhaul; printf '%s\\n' "${COMPREPLY[@]}"
"""
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    told = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert told.stdout.split("\n")[:-1] == [
        "seer_base", "seer_large", "seer_small", "compopt -o nospace", "episodes=",
    ], told.stderr  # fmt: skip


@pytest.mark.parametrize("command", COMPOSED)
def test_completion_reads_the_configuration_of_every_command(command: str) -> None:
    assert complete(f"longhaul {command} ")


def test_a_reader_that_leaves_is_no_error() -> None:
    """As in `longhaul --help | head -1`."""
    program = "from longhaul.__main__ import main; import sys; sys.exit(main(['--help']))"
    pipe = subprocess.PIPE
    told = subprocess.Popen([sys.executable, "-c", program], stdout=pipe, stderr=pipe, text=True)
    assert told.stdout and told.stderr
    told.stdout.close()
    assert told.stderr.read() == "" and told.wait() == 0
