"""Run folders for the viewer's tests: records by hand, short videos, hostile strings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from longhaul.envs.episode import EpisodeRecord, Status
from longhaul.envs.specs import ActionSpec, CameraSpec, EnvSpec, ObservationSpec
from longhaul.evaluation.recordings.video import VideoWriter
from longhaul.evaluation.reports.report import summarize
from longhaul.identifiers import file_name
from tests.evaluation.made import make_record

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
CONVENTIONS = EnvSpec(
    observation=ObservationSpec(cameras=(CameraSpec("rgb", 64, 64),)),
    action=ActionSpec("delta", size=2, rate=30.0),
    splits=("test",),
    video=("rgb",),
)
PROVENANCE = {"identity": {"env": {"renderer": "gl"}, "config": {"split": "test"}}, "seed": 0}


def records(n: int) -> list[EpisodeRecord]:
    """Return records of every kind, one of them with HOSTILE wherever a string may stand."""
    found = []
    for i in range(n):
        done = [int(k < i % 4) for k in range(3)]
        status: Status = "success" if all(done) else "error" if i % 11 == 10 else "timeout"
        tasks = [f"task_{(i + k) % 5}" for k in range(3)]
        steps = [10] * min(3, sum(done) + 1)
        record = make_record(done, name=f"house/{i:04}", status=status, steps=steps, tasks=tasks)
        episode = replace(record.episode, instruction=f"carry the cup to room {i}")
        found.append(replace(record, episode=episode, timings={"wall_s": 1.5 + i}))
    bad = make_record([0, 0, 0], name=HOSTILE, steps=[10], tasks=[HOSTILE] * 3, status="error")
    bad = replace(bad, error=HOSTILE, parts={HOSTILE: HOSTILE})
    found[min(1, n - 1)] = replace(bad, episode=replace(bad.episode, instruction=HOSTILE))
    return found


def line(record: EpisodeRecord) -> str:
    return json.dumps(record.to_json()) + "\n"


def write_run(folder: Path, rows: Sequence[EpisodeRecord], videos: int = 0) -> Path:
    """Write a finished run's folder with videos of the first episodes."""
    folder.mkdir(parents=True)
    (folder / "episodes.jsonl").write_text("".join(map(line, rows)))
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE | {"platform": HOSTILE}))
    (folder / "config.yaml").write_text(f"name: {HOSTILE}\n")
    summary = summarize(rows, None, {"env_steps_per_s": 9.0, "policy_ms": 1.0}, PROVENANCE)
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "videos").mkdir()
    for record in rows[:videos]:
        film(folder / "videos" / f"{file_name(record.id)}.mp4", record, every=2)
    return folder


def film(path: Path, record: EpisodeRecord, every: int) -> None:
    """Write a video whose picture's gray says which step it is: 8 more at each."""
    writer = VideoWriter(path, CONVENTIONS, every)
    info = {"instruction": "go", "subtask": 0, "outcomes": record.outcomes}
    for step in range(record.steps + 1):
        gray = np.full((64, 64, 3), min(255, 8 * step), np.uint8)
        writer.add({"rgb": gray}, info, last=step == record.steps)
    writer.close()
