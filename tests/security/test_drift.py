"""Threat: silent drift. Results of other code, packages or renderers pass for one run's results.

A policy in a folder of its own is edited between two sessions of one run folder.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import differences_of_code, read_run
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.evaluation.records import code, provenance
from longhaul.evaluation.reports.table import headline, show_summary
from longhaul.evaluation.settings import EvaluationSettings
from tests.evaluation.running import TOY

POLICY = '''"""A policy of somebody's own."""
from drifting import helper
from tests.toy import ToyPolicy


class Drifting(ToyPolicy):
    """Goes on."""

    speed = helper.SPEED
'''
CONFIG = {
    **{"name": "toy", "seed": 0, "device": "cpu", "workers": 1, "split": None, "explain": 0},
    **{"engine": {"hang_s": 60, "max_errors": 20}, "logger": {"kind": "none"}},
    **{"videos": {"first": 0, "failures": 0, "every": None}, "checkpoint": None},
    **{"save_actions": False, "retry_errors": False, "mixed": "refuse"},
}
Play = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `drifting` with a policy that imports a helper."""
    folder = tmp_path / "path/drifting"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "policy.py").write_text(POLICY)
    (folder / "helper.py").write_text("SPEED = 1\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "drifting"]:
        del sys.modules[name]


@pytest.fixture
def play(package: Path, tmp_path: Path) -> Play:
    """Plays `n` episodes in the folder `run` and returns the summary and what was said."""

    def played(n: int, task: Task | None = None, **changes: Any) -> tuple[dict[str, Any], str]:
        config = {**CONFIG, "run_dir": str(tmp_path / "run"), "episodes": n, **changes}
        task = task or open_task({"id": TOY}, {}, None, n, seed=0)
        policy = import_module("drifting.policy").Drifting()
        settings, said = EvaluationSettings.of(config), Console(file=io.StringIO(), width=500)
        summary = evaluate(task, policy, settings, config, "", said)
        return summary, said.file.getvalue()  # type: ignore[attr-defined]

    return played


@pytest.fixture(autouse=True)
def commit(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bool], None]:
    """Sets the commit of Longhaul's checkout."""
    collect = provenance.collect

    def at(name: str, dirty: bool = False) -> None:
        git = {"git": {"commit": name, "dirty": dirty}}
        monkeypatch.setattr(provenance, "collect", lambda *given: collect(*given) | git)

    at("1111111111112222")
    return at


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "run/episodes.jsonl").read_text().splitlines()]


def document(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tmp_path / "run/provenance.json").read_text())
    return found


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_command_says_that_nothing_was_played(play: Play) -> None:
    first, said = play(3)
    assert "already" not in said and first["played"] == 3
    again, said = play(3)
    assert "3 of 3 episodes were there already, recorded at commit 111111111111\n" in said
    assert again["played"] == 0 and again["metrics"] == first["metrics"]
    assert any(str(line).startswith("speed when recorded: ") for line in show_summary(again))
    assert any(str(line).startswith("speed: ") for line in show_summary(first))


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("file", ["policy.py", "helper.py"])
def test_changed_code_is_refused_before_anything_is_written(
    play: Play, package: Path, tmp_path: Path, n: int, file: str
) -> None:
    play(3)
    before = content(tmp_path / "run")
    (package / file).write_text((package / file).read_text() + "CHANGED = True\n")
    with pytest.raises(ConfigError) as told:
        play(n)
    assert f"other code of policy (drifting/{file})" in str(told.value)
    assert f"{min(n, 3)} of {n} episodes were there already" in str(told.value)
    assert "mixed=allow" in str(told.value) and "\n" not in str(told.value)
    assert content(tmp_path / "run") == before


def test_a_comment_and_another_commit_are_no_hindrance(
    play: Play, package: Path, tmp_path: Path, commit: Callable[[str, bool], None]
) -> None:
    play(3)
    (package / "helper.py").write_text('"""Speeds."""\n\nSPEED = 1  # m/s\n')
    (package / "README.md").write_text("Read me.")
    commit("3333333333334444", True)
    _, said = play(5)
    assert (
        "3 of 5 episodes were there already, recorded at commit 111111111111; this is commit "
        "333333333333 with uncommitted changes, whose code for this run is the same\n"
    ) in said
    marks = [record["made"] for record in lines(tmp_path)]
    assert [mark["commit"] for mark in marks] == ["1111111111112222"] * 3 + ["3333333333334444"] * 2
    assert len({(mark["code"], mark["packages"]) for mark in marks}) == 1
    assert [s["commit"] for s in document(tmp_path)["sessions"]] == [
        "1111111111112222",
        "3333333333334444",
    ]


def test_mixed_records_are_told_apart_beside_the_result(
    play: Play, package: Path, tmp_path: Path
) -> None:
    whole, _ = play(3)
    assert "versions" not in headline(whole)
    (package / "helper.py").write_text("SPEED = 2\n")
    summary, said = play(5, mixed="allow")
    assert "other code of policy (drifting/helper.py) (mixed=allow)" in said
    assert "records of 2 versions of the code" in headline(summary)
    written = document(tmp_path)
    codes = [record["made"]["code"] for record in lines(tmp_path)]
    assert codes[:3] == [codes[0]] * 3 and codes[3:] == [codes[3]] * 2 and codes[0] != codes[3]
    assert [session["code"] for session in written["sessions"]] == [codes[0], codes[3]]
    files = [written["code"][key]["policy"]["drifting/helper.py"] for key in codes]
    assert files[0] != files[3]
    assert [origin["episodes"] for origin in summary["origins"]] in ([2, 3], [3, 2])
    with pytest.raises(ConfigError, match="other code of policy"):
        play(6)  # which would be the second code again, but the first is in the folder


def test_errors_are_redone_by_the_same_rule(play: Play, package: Path, tmp_path: Path) -> None:
    faults = {f"test-{i:04d}": "raise" for i in range(2)}
    broken = open_task({"id": TOY, "faults": faults}, {}, None, 3, seed=0)
    play(3, task=broken)
    (package / "helper.py").write_text("SPEED = 2\n")
    before = content(tmp_path / "run")
    with pytest.raises(ConfigError, match=r"1 of 3 .* other code of policy"):
        play(3, retry_errors=True)
    assert content(tmp_path / "run") == before
    summary, _ = play(3, retry_errors=True, mixed="allow")
    assert summary["status"]["error"] == 0


def test_when_all_are_errors_the_mended_code_starts_afresh(play: Play, package: Path) -> None:
    faults = {f"test-{i:04d}": "raise" for i in range(2)}
    _, said = play(2, task=open_task({"id": TOY, "faults": faults}, {}, None, 2, seed=0))
    assert said.count("Traceback (most recent call last)") == 1
    assert "the others are in " in said and "run/episodes.jsonl" in said
    assert said.endswith("retry_errors=true attempts the 2 errors again\n")
    (package / "helper.py").write_text("SPEED = 2\n")
    summary, _ = play(2, retry_errors=True)
    assert summary["status"]["error"] == 0
    assert "versions" not in headline(summary)


def test_other_packages_are_refused(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(2)
    version = code.metadata.version
    other = {"numpy": "1.0"}
    monkeypatch.setattr(code.metadata, "version", lambda name: other.get(name) or version(name))
    with pytest.raises(ConfigError, match=rf"other packages \(numpy {version('numpy')} -> 1\.0\)"):
        play(3)
    summary, _ = play(3, mixed="allow")
    assert "records of 2 versions" in headline(summary)


@pytest.mark.parametrize("key", ["renderer", "renderer_description"])
def test_another_renderer_or_driver_is_another_run(play: Play, tmp_path: Path, key: str) -> None:
    task = open_task({"id": TOY}, {}, None, 2, seed=0)
    drew = {"renderer": "gl", "renderer_description": "llvmpipe; Mesa 22.3.6"}
    play(2, task=replace(task, provenance=drew))
    with pytest.raises(ConfigError, match=rf"env\.{key}: .* there, \"other\" here"):
        play(2, task=replace(task, provenance={**drew, key: "other"}), mixed="allow")


def test_changed_code_of_the_env_is_refused_and_told_by_a_comparison(
    play: Play, package: Path, tmp_path: Path
) -> None:
    (package / "env.py").write_text("import tests.toy\n")
    task = replace(open_task({"id": TOY}, {}, None, 2, seed=0), module="drifting.env")
    play(2, task=task)
    first = read_run(tmp_path / "run")
    (package / "env.py").write_text("import tests.toy\nGRAVITY = 9.81\n")
    with pytest.raises(ConfigError, match=r"other code of env \(drifting/env.py\)"):
        play(3, task=task)
    play(2, task=task, run_dir=str(tmp_path / "other"))
    second = read_run(tmp_path / "other")
    (told,) = differences_of_code(first, second)
    assert told.endswith("were made with different code of the env")
    assert differences_of_code(first, first) == []


def test_records_of_unknown_code_are_continued_and_it_is_said(play: Play, tmp_path: Path) -> None:
    """As a run of version 0.2 left them: no mark in a record, no list in the provenance."""
    play(2)
    path = tmp_path / "run"
    old = [{k: v for k, v in line.items() if k != "made"} for line in lines(tmp_path)]
    (path / "episodes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in old))
    known = {
        k: v
        for k, v in document(tmp_path).items()
        if k not in ("sessions", "code", "numerical", "trained_on")
    }
    (path / "provenance.json").write_text(json.dumps(known))
    summary, said = play(3)
    assert "2 of 3 episodes were there already, recorded at commit 111111111111; what code" in said
    assert "records of 2 versions of the code" in headline(summary)


@pytest.mark.parametrize(
    "broken", [{"sessions": 5}, {"code": []}, {"code": {"0": 1}}, {"numerical": "x"}, {"git": 1}]
)
def test_a_strange_provenance_is_no_traceback(
    play: Play, tmp_path: Path, broken: Mapping[str, Any]
) -> None:
    play(2)
    path = tmp_path / "run/provenance.json"
    path.write_text(json.dumps({**document(tmp_path), **broken}))
    play(3)
    assert len(lines(tmp_path)) == 3


def test_what_an_env_says_of_its_episodes_is_said_before_they_are_played(play: Play) -> None:
    task = replace(
        open_task({"id": TOY}, {}, None, 1, seed=0), remarks=("one of 1000 is left out",)
    )
    _, said = play(1, task=task)
    assert "\none of 1000 is left out\n" in said
