"""A run folder belongs to one configuration, and goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.episode import EpisodeRecord, SubtaskOutcome
from longhaul.errors import ConfigError
from longhaul.evaluation.records.code import Made
from longhaul.evaluation.records.provenance import (
    collect,
    identity,
    require_same,
    short_hash,
)
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.files import partial
from tests.evaluation.running import EPISODES

OURS = {"config": {"seed": 0, "env": {"scene": "D"}}, "env": {"renderer": "toy"}}


def open_folder(path: Path, identity: dict[str, Any] = OURS) -> RunFolder:
    return RunFolder(path, "seed: 0\n", identity, {"python": "3"})


def test_a_new_folder_says_what_it_is(tmp_path: Path) -> None:
    with open_folder(tmp_path / "a" / "b") as folder:
        assert folder.missing(EPISODES) == list(EPISODES)
    assert (tmp_path / "a/b/config.yaml").read_text() == "seed: 0\n"
    written = json.loads((tmp_path / "a/b/provenance.json").read_text())
    assert written == {"identity": OURS, "python": "3"}


def test_only_what_has_no_record_is_missing(tmp_path: Path) -> None:
    with open_folder(tmp_path) as folder:
        for episode in EPISODES[2:4]:
            outcomes = tuple(SubtaskOutcome(s.name, s.gt_steps) for s in episode.subtasks)
            folder.store.append(EpisodeRecord(episode, outcomes, "success", 1))
    with open_folder(tmp_path) as folder:
        assert folder.missing(EPISODES) == [*EPISODES[:2], *EPISODES[4:]]
        changed = [replace(EPISODES[2], seed=99)]
        with pytest.raises(ConfigError, match="holds another episode test-0002"):
            folder.missing(changed)


@pytest.mark.parametrize(("again", "left"), [(True, [3, 4, 6, 7]), (False, [4, 6, 7])])
def test_errors_of_the_episodes_that_are_asked_for_are_played_again(
    tmp_path: Path, again: bool, left: list[int]
) -> None:
    """Of the records of episodes 0, 1, 2, 3 and 5 the last two are errors; 5 is not asked for."""
    made = Made(None, False, {}, {})
    with open_folder(tmp_path) as folder:
        for number, status in enumerate(("success", "failure", "timeout", "error", "", "error")):
            if status:
                episode = EPISODES[number]
                outcomes = tuple(SubtaskOutcome(s.name, s.gt_steps) for s in episode.subtasks)
                folder.store.append(EpisodeRecord(episode, outcomes, status, 1))  # type: ignore[arg-type]
        asked = [episode for number, episode in enumerate(EPISODES) if number != 5]
        todo, told = folder.take_up(asked, made, again)
        assert todo == [EPISODES[number] for number in left]
        assert told.startswith(f"{7 - len(left)} of 7 ")
    with open_folder(tmp_path) as folder:
        kept = {0, 1, 2, 5} | (set() if again else {3})
        assert set(folder.store.records) == {EPISODES[number].id for number in kept}


def test_another_configuration_is_refused_and_the_differences_named(tmp_path: Path) -> None:
    open_folder(tmp_path).store.close()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    theirs = {"config": {"seed": 1, "env": {"scene": "A"}}, "env": {"renderer": "toy"}, "x": None}
    with pytest.raises(ConfigError) as raised:
        open_folder(tmp_path, theirs)
    assert str(raised.value).startswith(f"run_dir={tmp_path} belongs to another configuration")
    assert 'config.env.scene: "D" there, "A" here' in str(raised.value)
    assert "config.seed: 0 there, 1 here" in str(raised.value)
    assert "x: nothing there, null here" in str(raised.value)
    assert "renderer" not in str(raised.value)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ConfigError, match="is not the folder of a run"):
        open_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(ConfigError, match="is not the folder of a run"):
        open_folder(tmp_path / "thesis.tex")


def test_a_folder_whose_making_was_interrupted_is_taken(tmp_path: Path) -> None:
    (tmp_path / "episodes.jsonl").touch()
    (tmp_path / "config.yaml").write_text("seed: 0\n")
    partial(tmp_path / "provenance.json").write_text('{"iden')
    with open_folder(tmp_path) as folder:
        assert folder.missing(EPISODES) == list(EPISODES)
    assert (tmp_path / "provenance.json").exists()


def test_half_written_files_are_cleared_away(tmp_path: Path) -> None:
    with open_folder(tmp_path) as folder:
        whole = folder.file("videos", EPISODES[0], ".mp4")
        whole.touch()
        partial(folder.file("videos", EPISODES[1], ".mp4")).touch()
        partial(folder.file("actions", EPISODES[1], ".npy")).touch()
    open_folder(tmp_path).store.close()
    assert [path for path in tmp_path.glob("*/*")] == [whole]


def test_identity_leaves_out_what_does_not_change_results(tmp_path: Path) -> None:
    weights = tmp_path / "a.safetensors"
    weights.write_bytes(b"weights")
    config = {
        "policy": {"x": 1},
        "seed": 0,
        "checkpoint": str(weights),
        "episodes": 10,
        "workers": 2,
        "videos": {"first": 3},
        "logger": {},
        "run_dir": "here",
    }
    ours = identity(config, {"renderer": "gl"}, {})
    # printf weights | sha256sum
    digest = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"
    assert set(ours["config"]) == {"policy", "seed", "checkpoint"}
    assert ours["config"]["checkpoint"] == digest
    moved = tmp_path / "b.safetensors"
    weights.rename(moved)
    free = {"checkpoint": str(moved), "episodes": None, "workers": 8, "run_dir": None}
    assert short_hash(identity({**config, **free}, {"renderer": "gl"}, {})) == short_hash(ours)
    assert short_hash(identity({**config, **free}, {"renderer": "egl"}, {})) != short_hash(ours)
    for options, same in (({"static_layer": "off"}, True), ({"shadow": "soft"}, False)):
        layered, plain = ({"env": {"id": "x", **more}} for more in (options, {}))
        assert (identity(layered, {}, {}) == identity(plain, {}, {})) == same
    moved.write_bytes(b"other weights")
    assert short_hash(identity({**config, **free}, {"renderer": "gl"}, {})) != short_hash(ours)


def test_the_machine_is_told_by_its_values_alone() -> None:
    told = collect(7, "cpu")
    assert (told["seed"], told["device"]) == (7, "cpu")
    assert "\n" not in told["cpu"] and "model name" not in told["cpu"]
    assert told["packages"]["numpy"] == metadata.version("numpy")


def test_a_run_of_another_version_is_continued_only_when_asked(tmp_path: Path) -> None:
    RunFolder(tmp_path, "", OURS, {"packages": {"longhaul": "0.1.0"}}).store.close()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    now = {"packages": {"longhaul-suite": "0.2.0"}}
    with pytest.raises(
        ConfigError, match=r"begun by Longhaul 0\.1\.0, and this is 0\.2\.0"
    ) as told:
        RunFolder(tmp_path, "", OURS, now)
    assert "mixed=allow" in str(told.value) and "\n" not in str(told.value)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    with pytest.raises(ConfigError, match="continue it with mixed=allow"):
        require_same(tmp_path, OURS, now)
    RunFolder(tmp_path, "", OURS, now, mixed=True).store.close()
