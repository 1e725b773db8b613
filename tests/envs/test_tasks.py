"""Tasks are found where they lie, and a name stands once."""

from __future__ import annotations

from pathlib import Path

import pytest

from longhaul.envs.calvin.tasks.task import Task
from longhaul.envs.tasks import collect

ONE = """from longhaul.envs.calvin.tasks.task import Task
TASKS = (Task("{}", "do it", lambda a, b: True),)
"""


def package(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, **files: str) -> list[str]:
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    for file, text in files.items():
        (folder / name / f"{file}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return [str(folder / name)]


def test_every_module_with_tasks_adds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"first": ONE.format("a"), "second": ONE.format("b"), "helpers": "X = 1\n"}
    path = package(tmp_path, "made_tasks", monkeypatch, **files)
    found = collect("made_tasks", path, Task)
    assert list(found) == ["a", "b"] and found["b"].instruction == "do it"


def test_a_name_twice_and_a_stranger_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = package(tmp_path, "twice", monkeypatch, x=ONE.format("a"), y=ONE.format("a"))
    with pytest.raises(ValueError, match=r"task a is defined twice, again in twice\.y"):
        collect("twice", twice, Task)
    strange = package(tmp_path, "strange", monkeypatch, x="TASKS = (3,)\n")
    with pytest.raises(TypeError, match=r"strange\.x\.TASKS holds 3, which is no Task"):
        collect("strange", strange, Task)
