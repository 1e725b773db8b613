"""A full disk ends a command in one line with code 1, and what was complete stays.

The limit of a file's size stands for the end of the disk: the system refuses the same calls, with
EFBIG instead of ENOSPC.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from longhaul.commands.parser import Parser, obey
from longhaul.console import Console
from longhaul.demos.arrays import ArraysWriter
from longhaul.demos.cache import build_cache
from longhaul.demos.lerobot.reader import LeRobotSource
from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.video import encode
from longhaul.errors import FAILED, ConfigError, complain, disk_full, refused
from longhaul.evaluation.loop.actions import save_actions
from longhaul.evaluation.loop.messages import Outputs
from longhaul.evaluation.loop.rollout import Rollout
from longhaul.evaluation.records.store import EpisodeStore
from longhaul.files import replace_file
from longhaul.language.chat import Message, Request
from longhaul.language.transcript import Transcript
from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
from longhaul.policies.seer.config import SEER_BASE
from longhaul.policies.training.metrics import Metrics
from tests.chaos.disk import largest_file
from tests.demos.made import SPEC, MadeSource
from tests.evaluation.loop.test_evaluate import records, run
from tests.evaluation.made import make_record
from tests.evaluation.running import EPISODES, ListJournal, toy_workers
from tests.toy import ToyPolicy


def ended(work: Callable[[], Any]) -> int:
    """Return the exit code of a command that does this."""
    return obey(Parser("compare", ""), lambda *_: work() and None, [])


def noise() -> Iterator[np.ndarray]:
    generator = np.random.default_rng(0)
    return iter(generator.integers(0, 255, (9, 64, 64, 3), np.uint8))


def append_records(path: Path) -> None:
    with EpisodeStore(path) as store:
        for number in range(99):
            store.append(make_record([1, 1], name=f"e{number}"))


def add_demos(folder: Path) -> None:
    writer, source = DemoWriter(folder, SPEC), MadeSource()
    for index in range(3):
        frames = {camera.name: source.frames(index, camera.name) for camera in SPEC.pictures}
        writer.add(source.trajectory(index), frames)


QUIET = Console(quiet=True)

WRITERS: dict[str, Callable[[Path], Any]] = {
    "text": lambda path: replace_file(path, "x" * 9000),
    "actions": lambda path: save_actions(path, list(np.ones((9000, 2)))),
    "actions by name": lambda path: save_actions(path, [{"a": np.ones(9000)}] * 2),
    "records": append_records,
    "weights": lambda path: SEER_CHECKPOINTS.save(path, SEER_BASE, {"w": torch.ones(9000)}),
    "film": lambda path: encode(path, noise(), 30.0),
    "demos": add_demos,
    "arrays": lambda path: ArraysWriter(path, SPEC, 900, {"actions": (np.float32, (9,))}),
    "cache": lambda path: build_cache(MadeSource(), {"front": None}, path, console=QUIET),
    "transcript": lambda path: Transcript(path).write(
        Request([Message("user", "x" * 9000)]), {"reply": {}}
    ),
    "metrics": lambda path: Metrics(path, 0).write("train", 1, {"loss" * 9000: 1.0}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_is_refused_in_one_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with largest_file(5000):
        code = ended(lambda: WRITERS[name](tmp_path / "out"))
    said = capsys.readouterr().err
    assert code == FAILED == 1
    assert said.startswith("error: ") and said.count("\n") == 1
    assert str(tmp_path / "out") in said and "make space" in said
    WRITERS[name](tmp_path / ("out" if name in ("records", "text") else "again"))


def test_a_file_that_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    replace_file(path, "old")
    with largest_file(5000), pytest.raises(OSError, match=r"summary\.json"):
        replace_file(path, "x" * 9000)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_store_goes_on_behind_its_last_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl"
    with largest_file(5000), pytest.raises(OSError, match="File too large") as caught:
        append_records(path)
    assert str(path) in refused(caught.value)
    with EpisodeStore(path) as store:
        kept = len(store.records)
        assert 5 < kept < 99
        store.append(make_record([1, 1], name=f"e{kept}"))
    with EpisodeStore(path) as store:
        assert list(store.records) == [f"e{number}" for number in range(kept + 1)]


def test_demonstrations_that_were_complete_are_read(tmp_path: Path) -> None:
    with largest_file(20000), pytest.raises(OSError, match="File too large"):
        source, writer = MadeSource((5, 4000)), DemoWriter(tmp_path, SPEC)
        for index in range(2):
            frames = {camera.name: source.frames(index, camera.name) for camera in SPEC.pictures}
            writer.add(source.trajectory(index), frames)
    found = LeRobotSource(tmp_path)
    assert [len(found.trajectory(i)) for i in range(len(found))] == [5]


def full(*_: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def wrapped(*_: Any) -> Any:
    try:
        full()
    except OSError as error:
        raise RuntimeError("the policy could not keep its notes") from error


@pytest.mark.parametrize("fault", [full, wrapped])
def test_a_policy_on_a_full_disk_makes_no_record(fault: Any) -> None:
    policy, journal = ToyPolicy(), ListJournal()
    policy.act = fault  # type: ignore[method-assign]
    with toy_workers() as workers, pytest.raises(OSError, match="No space"):
        Rollout(workers, policy, journal).run(EPISODES)
    assert journal.records == []


def test_a_worker_on_a_full_disk_makes_no_record(tmp_path: Path) -> None:
    no_space = partial(Path("/dev/full").write_text, "x")
    journal = ListJournal(Outputs(recorder=no_space))  # type: ignore[arg-type]
    with toy_workers() as workers, pytest.raises(OSError, match="No space"):
        Rollout(workers, ToyPolicy(), journal).run(EPISODES)
    assert journal.records == []


def test_a_run_whose_films_find_no_space_goes_on_when_there_is_some(tmp_path: Path) -> None:
    path, again = tmp_path / "run", tmp_path / "undisturbed"
    program = (
        "import resource, sys; from pathlib import Path;"
        "from tests.chaos.test_full_disk import ended;"
        "from tests.evaluation.loop.test_evaluate import run; from tests.toy import ToyPolicy;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
        "films = dict(first=8, failures=0, every=1);"
        "play = lambda: run(Path(sys.argv[1]), ToyPolicy(), workers=1, videos=films);"
        "sys.exit(ended(play))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1, ended.stderr
    assert f"error: {path / 'videos'}" in ended.stderr and "File too large" in ended.stderr
    assert list(records(path)) == ["test-0000"]  # the one whose film is small enough
    films = {"first": 8, "failures": 0, "every": 1}
    for folder in (path, again):
        run(folder, ToyPolicy(), workers=1, videos=films)
    untimed = [{**record, "timings": {}} for record in records(path).values()]
    assert untimed == [{**record, "timings": {}} for record in records(again).values()]
    assert len(list((path / "videos").glob("*.mp4"))) == 8
    assert not list(path.rglob("*.partial"))


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EDQUOT])
def test_a_folder_that_may_not_be_written_is_one_line(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise OSError(number, os.strerror(number), "/mnt/run")

    assert ended(work) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: /mnt/run: {os.strerror(number)}; ") and said.count("\n") == 1


def test_a_file_in_the_place_of_a_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("file", "file/below"):
        path = tmp_path / folder
        assert ended(lambda path=path: path.mkdir(parents=True, exist_ok=True)) == 1


def test_bad_input_stays_2_and_a_fault_of_the_program_keeps_its_traceback() -> None:
    assert complain("x") == 2
    with pytest.raises(KeyError):
        refused(KeyError("x"))
    with pytest.raises(FileNotFoundError):
        ended(lambda: Path("/no/such/file").read_text())

    def work() -> None:
        try:
            full()
        except OSError:
            raise ConfigError("the user's") from None

    assert ended(work) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Error while serializing: I/O error: No space left on device (os error 28)",
        "Can't write data (errno = 28, error message = 'No space left on device')",
    ],
)
def test_a_librarys_own_words_for_a_full_disk_are_known(text: str) -> None:
    found = disk_full(RuntimeError(text))
    assert found is not None and found.errno == errno.ENOSPC
    assert disk_full(RuntimeError("line 28 is no record")) is None
