"""The generator in flat test rooms: complete, resumable, the same by any number of processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.lhvln import env as env_module
from longhaul.envs.lhvln.dataset import Dataset
from longhaul.envs.lhvln.env import LhVlnEnv
from longhaul.errors import ConfigError
from longhaul.navgen.dataset import ours
from longhaul.navgen.generate import Order, generate, split_of
from tests.envs.lhvln.flat import FlatSimulator

ROOT = Path(__file__).parents[2]


def build(seed: int, folder: Path) -> None:
    """Write what stands for a house; one of them cannot be made."""
    if folder.name == "house_0003":
        raise ValueError("no room\nfor a kitchen")
    folder.mkdir(parents=True)
    (folder / "seed.txt").write_text(str(seed))


def build_first_alone(seed: int, folder: Path) -> None:
    """Build house_0000; any other takes longer than a test may."""
    build(seed, folder)
    if folder.name != "house_0000":
        (folder / "pid").write_text(str(os.getpid()))
        (folder / "pid").rename(folder / "pid_whole")
        time.sleep(3600)


def open_flat(folder: Path) -> FlatSimulator:
    assert (folder / "seed.txt").is_file()
    return FlatSimulator(folder)


def order(out: Path, **options: Any) -> Order:
    size = {"houses": 2, "tasks": 6, "seed": 0, "workers": 1}
    return Order(**{"out": out, "build": build, "open": open_flat, **size, **options})


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def test_what_is_made_is_a_dataset_that_the_expert_solves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = generate(order(tmp_path / "out"))
    assert made["tasks"] == made["wanted"] == 6 and made["faults"] == {}
    dataset = Dataset(tmp_path / "out")
    episodes = dataset.episodes()
    assert len(episodes) == 6 and len({e.instruction for e in episodes}) == 6
    monkeypatch.setattr(
        env_module, "open_simulator", lambda kind, scene, cameras, gpu: FlatSimulator(scene)
    )
    ways = {way.episode: way for way in ours.trajectories(tmp_path / "out", "train")}
    for kind in ("task", "step"):
        env = LhVlnEnv(str(tmp_path / "out"), kind=kind, observations=("pose",))  # type: ignore[arg-type]
        for chosen in env.episodes("all", None, 0):
            _, info = env.reset(options={"episode": chosen})
            expert, over, steps = env.expert(), False, 0
            expert.reset(0)
            while not over:
                _, _, over, cut, info = env.step(expert.act())
                steps, over = steps + 1, over or cut
            assert all(outcome.success for outcome in info["outcomes"])
            assert steps == sum(subtask.gt_steps for subtask in chosen.subtasks)
            if kind == "task":
                legs = ways[chosen.id].legs
                assert [len(leg.actions) for leg in legs] == [s.gt_steps for s in chosen.subtasks]
                starts = [o.measures["geodesic_start"] for o in info["outcomes"]]
                assert starts == pytest.approx([leg.geodesic for leg in legs])


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    generate(order(tmp_path / "one"))
    generate(order(tmp_path / "two", workers=2))
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_more_is_added_to_what_is_there_and_nothing_is_made_again(tmp_path: Path) -> None:
    generate(order(tmp_path / "grown", tasks=3))
    seen = (tmp_path / "grown" / "scenes" / "house_0000" / "seed.txt").stat()
    generate(order(tmp_path / "grown"))
    assert (tmp_path / "grown" / "scenes" / "house_0000" / "seed.txt").stat() == seen
    generate(order(tmp_path / "whole"))
    assert content(tmp_path / "grown") == content(tmp_path / "whole")


def test_what_was_not_written_whole_is_made_again(tmp_path: Path) -> None:
    generate(order(tmp_path / "out"))
    before = content(tmp_path / "out")
    tasks_file = tmp_path / "out" / "generation" / "house_0001.jsonl"
    tasks_file.write_bytes(tasks_file.read_bytes()[:-200])
    (tmp_path / "out" / "scenes" / ".house_0001.xyz" / "half").mkdir(parents=True)
    for name in ("dataset.json", "train.jsonl"):
        (tmp_path / "out" / name).unlink()
    generate(order(tmp_path / "out"))
    assert content(tmp_path / "out") == before
    assert not list((tmp_path / "out" / "scenes").glob(".*"))


def test_kill_9_loses_only_what_was_under_way(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from tests.navgen.test_generate import generate, order;"
        f"generate(order(Path({str(tmp_path / 'killed')!r}), tasks=60))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    tasks_file = tmp_path / "killed" / "generation" / "house_0000.jsonl"
    while not (tasks_file.is_file() and tasks_file.stat().st_size):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "dataset.json").exists()
    kept = tasks_file.read_bytes()
    generate(order(tmp_path / "killed", tasks=8))
    assert tasks_file.read_bytes().startswith(kept[: kept.rfind(b"\n") + 1])
    generate(order(tmp_path / "whole", tasks=8))
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


def test_ctrl_c_waits_for_no_house_that_is_under_way(tmp_path: Path) -> None:
    def interrupt(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    started = tmp_path / "out" / "scenes" / "house_0001" / "pid_whole"
    with pytest.raises(KeyboardInterrupt):
        generate(order(tmp_path / "out", build=build_first_alone, workers=2), interrupt)
    if started.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(started.read_text()), 0)
    generate(order(tmp_path / "out"))
    generate(order(tmp_path / "whole"))
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_a_bad_house_costs_itself(tmp_path: Path) -> None:
    made = generate(order(tmp_path / "out", houses=4, tasks=8))
    assert made["tasks"] == 8 and made["houses"] == 3
    assert made["faults"] == {
        "house_0003": "house_0003: ValueError: no room for a kitchen",
    }


@pytest.mark.slow
def test_houses_with_too_little_say_so(tmp_path: Path) -> None:
    made = generate(order(tmp_path / "out", houses=1, tasks=5000))
    assert 0 < made["tasks"] < 5000 == made["wanted"]
    counted = made["rejects"]
    assert set(counted) >= {"repeated"} and all(count > 0 for count in counted.values())


def test_a_folder_belongs_to_one_order(tmp_path: Path) -> None:
    generate(order(tmp_path / "out", tasks=2))
    with pytest.raises(ConfigError, match=r"was made with seed=0; choose another out"):
        generate(order(tmp_path / "out", seed=1))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    with pytest.raises(ConfigError, match="is not a folder of the generator"):
        generate(order(tmp_path / "mine"))
    lock = os.open(tmp_path / "out" / "generation" / "lock", os.O_WRONLY)
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(ConfigError, match="another process works on it"):
        generate(order(tmp_path / "out"))
    os.close(lock)


def test_a_model_drafts_and_what_it_gets_wrong_is_a_reject(tmp_path: Path) -> None:
    good = {
        "instruction": "Take the book in the bedroom to the table in the kitchen",
        "subtasks": ["Move_to('book_2')", "Grab('book')", "Move_to('table_1')", "Release('book')"],
    }
    wrong = {**good, "subtasks": ["Move_to('book_2')", "Move_to('piano_1')"]}
    replies = ["no JSON", json.dumps(wrong), json.dumps(good), *["Walk to it"] * 9]
    made = generate(
        order(
            tmp_path / "out", houses=1, tasks=1, language={"name": "scripted", "replies": replies}
        )
    )
    assert made["tasks"] == 1
    assert made["rejects"] == {"malformed": 1, "unknown_object": 1}


def test_splits_are_by_house() -> None:
    found = [split_of(index) for index in range(20)]
    assert [found.count(split) for split in ("train", "val", "test")] == [14, 2, 4]
