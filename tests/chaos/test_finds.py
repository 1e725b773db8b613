"""The campaign's own pieces see a difference, a process and a file that were planted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from tests.chaos import left
from tests.chaos.compare import differences


def write_run(folder: Path) -> Path:
    for name in ("videos", "data"):
        (folder / name).mkdir(parents=True)
    (folder / "data/film.mp4").write_bytes(b"film")
    rows = [{"id": f"e{i}", "steps": 5 + i, "timings": {"wall_s": i}} for i in range(3)]
    (folder / "episodes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "summary.json").write_text(json.dumps({"n": 3, "timing": {"steps_per_s": 4}}))
    (folder / "steps.jsonl").write_text('{"step": 0}\n')
    write_film(folder / "videos/e0.mp4", 90)
    return folder


def write_film(path: Path, level: int, crf: str = "24", frames: int = 5) -> None:
    """Write gray pictures, whose bytes depend on `crf` and whose content hardly does."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15, options={"crf": crf, "threads": "1"})
        stream.height, stream.width, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(frames):
            picture = np.full((64, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def turn_around(run: Path) -> None:
    path = run / "episodes.jsonl"
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (turn_around, []),
        (lambda run: edit(run / "episodes.jsonl", '"wall_s": 1', '"wall_s": 9'), []),
        (lambda run: edit(run / "summary.json", "4", "9"), []),
        (lambda run: (run / "log.txt").touch(), []),
        (lambda run: (run / "steps.jsonl").write_text('{"step": 0}\n' * 2), []),
        (lambda run: (run / "steps.jsonl").write_text('{"step": 1}\n'), ["steps.jsonl: differs"]),
        (lambda run: (run / "provenance.json").touch(), ["provenance.json: left over"]),
        (
            lambda run: edit(run / "episodes.jsonl", '"steps": 6', '"steps": 7'),
            ["episodes.jsonl: differs"],
        ),
        (lambda run: edit(run / "summary.json", '"n": 3', '"n": 2'), ["summary.json: differs"]),
        (lambda run: write_film(run / "videos/e0.mp4", 90, "18"), []),
        (lambda run: write_film(run / "videos/e0.mp4", 96), ["videos/e0.mp4: differs"]),
        (lambda run: write_film(run / "videos/e0.mp4", 90, frames=4), ["videos/e0.mp4: differs"]),
        (lambda run: (run / "data/film.mp4").write_bytes(b"filn"), ["data/film.mp4: differs"]),
        (lambda run: (run / "videos/e0.mp4").unlink(), ["videos/e0.mp4: missing"]),
        (
            lambda run: (run / "videos/e1.mp4.partial").touch(),
            ["videos/e1.mp4.partial: left over"],
        ),
    ],
)
def test_a_difference_is_seen_and_a_time_is_none(
    change: Callable[[Path], None], said: list[str], tmp_path: Path
) -> None:
    one, other = write_run(tmp_path / "one"), write_run(tmp_path / "other")
    assert differences(one, other) == []
    change(other)
    assert differences(one, other) == said


@pytest.mark.parametrize("where", ["environment", "command line"])
def test_a_process_that_stays_is_seen_and_ended(where: str, tmp_path: Path) -> None:
    mark = str(tmp_path)
    env = {"TMPDIR": mark} if where == "environment" else {}
    words = [mark] if where == "command line" else []
    sleep = "import time; print(flush=True); time.sleep(600)"
    with subprocess.Popen(
        [sys.executable, "-c", sleep, *words], env=env, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline()
        assert list(left.processes(mark)) == [process.pid]
        assert list(left.wait_until_gone(mark, 0.0)) == [process.pid]
        assert process.wait(60) == -9
    assert left.wait_until_gone(mark, 0.0) == {}


def test_files_that_stay_are_seen(tmp_path: Path) -> None:
    (tmp_path / "profile").mkdir()
    (tmp_path / "profile/lock").symlink_to("nowhere")
    assert left.files(tmp_path) == ["profile", "profile/lock"]
