"""A folder of another kind: what a command says of it, and which command would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from longhaul.__main__ import main

FILES = {
    "trained": "metrics.jsonl",
    "recorded": "recording/episodes.jsonl",
    "lerobot": "meta/info.json",
    "calvin": "training/ep_start_end_ids.npy",
    "houses": "dataset.json",
    "played": "episodes.jsonl",
    "runs": "a/provenance.json",
    "strange": "thesis.tex",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder, name in FILES.items():
        (tmp_path / folder / name).parent.mkdir(parents=True)
        (tmp_path / folder / name).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("compare trained played", "it holds a training run: longhaul curve trained"),
        ("compare houses played", "longhaul rollout env=lhvln env.dataset=houses"),
        ("compare runs played", "give one of the runs in it: runs/a"),
        ("compare played played", "summary.json is missing; give its command again, to its end"),
        ("compare empty played", "episodes.jsonl is missing; it is empty"),
        ("compare file played", "it is a file, no folder"),
        ("compare nowhere played", "there is no such folder"),
        ("compare strange played", "episodes.jsonl is missing"),
        ("compare played", "give a second run: longhaul compare played runs/OTHER"),
        ("curve played", "it holds the run of a rollout: longhaul view played"),
        ("curve nowhere", "there is no such folder"),
        ("view recorded", "longhaul view recorded/recording, or longhaul train data.path=recorded"),
        ("view lerobot", "it holds demonstrations: longhaul train data.path=lerobot"),
        ("view trained", "it holds a training run: longhaul curve trained"),
        ("view runs", "give one of the runs in it: runs/a"),
        ("convert played out", "it holds the run of a rollout: longhaul view played"),
        ("convert calvin out", "demonstrations, in calvin/training and calvin/validation"),
        ("train data.path=houses", "longhaul rollout env=lhvln env.dataset=houses"),
        ("planner-remember trained --out a", "it holds a training run: longhaul curve trained"),
        ("ablate policy=hold", "policy=hold has no variants of its own (policies that have: mgdm)"),
    ],
)
def test_a_folder_of_another_kind_is_told_with_its_command(
    words: str, hint: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert told.err.startswith("error: ") and hint in told.err
