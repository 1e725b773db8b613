"""episodes.jsonl: one line each, whatever a crash left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from longhaul.envs.episode import EpisodeRecord, SubtaskOutcome
from longhaul.errors import ConfigError
from longhaul.evaluation.records.store import EpisodeStore
from tests.toy import toy_episode


def record(index: int) -> EpisodeRecord:
    episode = toy_episode("test", index)
    outcomes = tuple(
        SubtaskOutcome(s.name, s.gt_steps, measures={"m": 0.1}) for s in episode.subtasks
    )
    return EpisodeRecord(episode, outcomes, "timeout", steps=index, timings={"wall_s": 0.5})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with EpisodeStore(tmp_path / "episodes.jsonl") as store:
        for index in range(3):
            store.append(record(index))
    return tmp_path / "episodes.jsonl"


def test_records_are_read_back(path: Path) -> None:
    with EpisodeStore(path) as store:
        assert list(store.records.values()) == [record(i) for i in range(3)]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["test-0000", "test-0001", "test-0002"]


@pytest.mark.parametrize("kept", [1, 20, -2, -1])
def test_a_line_cut_short_is_removed_and_nothing_else(path: Path, kept: int) -> None:
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1] + lines[2][:kept])
    with EpisodeStore(path) as store:
        assert list(store.records) == ["test-0000", "test-0001"]
        store.append(record(2))
    assert path.read_bytes() == whole


def test_the_first_of_two_records_of_an_episode_counts(path: Path) -> None:
    again = replace(record(1), status="success", steps=99)
    with path.open("a") as file:
        file.write(json.dumps(again.to_json()) + "\n")
    with EpisodeStore(path) as store:
        assert [r.steps for r in store.records.values()] == [0, 1, 2]
        assert store.records["test-0001"] == record(1)


def test_a_last_line_of_rubbish_is_removed(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" * 100 + b"\n")  # blocks that the file system had not yet filled
    with EpisodeStore(path) as store:
        assert len(store.records) == 3
    assert path.read_bytes() == whole


def test_rubbish_elsewhere_is_refused_and_left_alone(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'{"id": "x"}\n' + lines[2])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"episodes\.jsonl, line 2: not a record"):
        EpisodeStore(path)
    assert path.read_bytes() == before


def test_a_second_process_is_refused(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from longhaul.evaluation.records.store import EpisodeStore; "
        "store = EpisodeStore(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(ConfigError, match="in use by another process"):
            EpisodeStore(path)
    finally:
        other.kill()
        other.communicate()
    with EpisodeStore(path) as store:  # the lock died with its owner
        assert len(store.records) == 3


def test_dropping_keeps_the_rest_and_the_lock(path: Path) -> None:
    with EpisodeStore(path) as store:
        store.append(replace(record(3), status="error", error="boom"))
        store.drop({record.id for record in store.records.values() if record.status == "error"})
        assert list(store.records.values()) == [record(i) for i in range(3)]
        with pytest.raises(ConfigError, match="in use"):
            EpisodeStore(path)
        store.append(record(3))
    with EpisodeStore(path) as store:
        assert list(store.records.values()) == [record(i) for i in range(4)]
    assert [entry.name for entry in path.parent.iterdir()] == ["episodes.jsonl"]


def test_a_full_disk_loses_the_record_being_written_only(path: Path) -> None:
    whole = path.read_bytes()
    code = (
        "import resource, sys; from pathlib import Path; "
        "from longhaul.evaluation.records.store import EpisodeStore; "
        "from tests.evaluation.records.test_store import record; "
        "store = EpisodeStore(Path(sys.argv[1])); limit = int(sys.argv[2]); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); store.append(record(3))"
    )
    limit = len(whole) + 40
    command = [sys.executable, "-c", code, str(path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "OSError: [Errno 27] File too large" in done.stderr
    assert len(path.read_bytes()) == limit
    with EpisodeStore(path) as store:
        assert len(store.records) == 3
    assert path.read_bytes() == whole
