"""Writes a run's recordings as a file for Rerun's viewer: cameras, poses, curves and words of each
step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError, not_installed
from longhaul.evaluation.viewer.folder import VIDEOS_FOLDER, Document, RunView
from longhaul.evaluation.viewer.frames import frame_steps
from longhaul.evaluation.viewer.recordings import VIDEO_SUFFIX
from longhaul.evaluation.viewer.rerun_layout import Layout, blueprint
from longhaul.files import replacing

STEP_TIMELINE = "step"
"""The name of the timeline, which counts env steps since the episode's start."""

NS_PER_S = 1e9

MAX_VIDEO_BYTES = 2**30
"""The size limit of a video, in bytes, since Rerun holds it in memory."""


def write_rerun(runs: Sequence[RunView], out: Path) -> int:
    """Write every episode that has a recording or a video to `out`, and return how many.

    Each episode has entities under its own id: `camera`, `state`, `action`, `world` (positions in
    m) and `mind` (what the policy explained). Raises ConfigError if rerun-sdk is not installed, if
    the file's name does not end in .rrd, for more than one run, and for a run without recordings
    and videos.
    """
    if len(runs) > 1:
        raise ConfigError(f"--rerun {out} takes one run, not {len(runs)}")
    (run,) = runs
    if out.suffix != ".rrd":
        raise ConfigError(f"--rerun {out} must end in .rrd")
    try:
        import rerun
    except ImportError:
        raise ConfigError(not_installed("rerun-sdk", "rerun")) from None
    run.refresh()
    chosen = [n for n, row in enumerate(run.rows) if row["recording"] or row["video"]]
    if not chosen:
        raise ConfigError(
            f"{run.path} has no recordings and no videos: rollout.py explain=N makes some"
        )
    stream = rerun.RecordingStream("longhaul")
    written = rerun.binary_stream(stream)  # Rerun itself would wait for space on a full disk
    layouts = [Episode(rerun, stream, run, number).write() for number in chosen]
    stream.send_blueprint(blueprint(layouts))
    data = written.read()
    with replacing(out) as new:
        new.write_bytes(data or b"")
    return len(chosen)


class Episode:
    """Writes one episode into a Rerun recording."""

    def __init__(self, rerun: Any, stream: Any, run: RunView, number: int) -> None:
        self._rr, self._stream, self._run = rerun, stream, run
        self._number, self._row, self._record = number, run.rows[number], run.record(number)
        self._layout = Layout(self._record.id, self._path())

    def write(self) -> Layout:
        """Log everything that there is of it, and return how to lay it out."""
        self._words(self._record)
        found = self._run.recording(self._number)
        if found is None:
            self._composite()
            return self._layout
        folder = found["folder"]
        seconds = np.arange(found["frames"]) / found["rate"]
        for camera in found["cameras"]:
            self._video(("camera", camera["name"]), f"{folder}/{camera['file']}", seconds)
        for group in ("states", "actions"):
            for name, curves in found[group].items():
                self._curves((group.removesuffix("s"), name), curves["labels"], curves["values"])
        for name, changes in found.get("texts", {}).items():
            self._say(("words", name), changes)
        for name, curves in found["states"].items():
            self._way(name, curves["labels"], np.array(curves["values"]))
        for name, item in found["items"].items():
            self._mind(name, item, folder, seconds)
        return self._layout

    def _path(self, *names: str) -> str:
        path: str = self._rr.new_entity_path([self._record.id, *names])
        return path

    def _words(self, record: EpisodeRecord) -> None:
        said = f"{record.episode.instruction}\n\n{record.status}, {record.steps} steps"
        self._stream.log(self._path("instruction"), self._rr.TextDocument(said), static=True)
        self._layout.add("document", self._path("instruction"))
        for subtask, outcome in zip(record.episode.subtasks, record.outcomes, strict=True):
            if outcome.started and outcome.start_step is not None:
                how = "done" if outcome.success else "not done"
                words = f"{subtask.name}: {subtask.instruction} ({how})"
                self._say(("subtask",), [[outcome.start_step, words]])

    def _say(self, names: Sequence[str], changes: Sequence[Sequence[Any]]) -> None:
        """Log texts: single lines as a log, a text of several lines as a document that holds until
        the next."""
        path, long = self._path(*names), any("\n" in text for _, text in changes)
        self._layout.add("document" if long else "log", path)
        for step, text in changes:
            self._stream.set_time(STEP_TIMELINE, sequence=step)
            said = self._rr.TextDocument(text) if long else self._rr.TextLog(text)
            self._stream.log(path, said)
        self._stream.reset_time()

    def _composite(self) -> None:
        """Log the video with captions of an episode that was filmed but not recorded."""
        if not self._row["video"]:
            return
        path = f"{VIDEOS_FOLDER}/{self._row['file']}{VIDEO_SUFFIX}"
        with self._run.folder.open(path) as file:
            found = frame_steps(file, self._record.steps)
        if found is not None:
            steps = np.arange(self._record.steps)
            self._video(("camera", "video"), path, steps // found["every"] / found["rate"])

    def _video(self, names: Sequence[str], file: str, seconds: np.ndarray) -> None:
        """Log a video, and which of its frames each step shows."""
        rr, path = self._rr, self._path(*names)
        content = self._run.folder.read(file, MAX_VIDEO_BYTES)
        asset = rr.AssetVideo(contents=content, media_type="video/mp4")
        self._layout.add("picture", path)
        self._stream.log(path, asset, static=True)
        shown = rr.VideoFrameReference.columns_nanos(np.round(NS_PER_S * seconds).astype(np.int64))
        self._columns(path, np.arange(len(seconds)), shown)

    def _columns(self, path: str, steps: Any, columns: Any) -> None:
        time = self._rr.TimeColumn(STEP_TIMELINE, sequence=steps)
        self._stream.send_columns(path, indexes=[time], columns=columns)

    def _curves(self, names: Sequence[str], labels: Sequence[str], values: Any) -> None:
        rr, path, table = self._rr, self._path(*names), np.array(values, np.float64).T
        self._layout.add("curves", path, len(labels))
        self._stream.log(path, rr.SeriesLines(names=list(labels)), static=True)
        self._columns(path, np.arange(len(table)), rr.Scalars.columns(scalars=table))

    def _way(self, name: str, labels: Sequence[str], values: np.ndarray) -> None:
        """Log the positions of a state over time, and the path through them."""
        first = position(labels)
        if first is None:
            return
        rr, path, points = self._rr, self._path("world", name), values[first : first + 3].T
        up = "(up)" in labels[first + 1]
        view = rr.ViewCoordinates.RIGHT_HAND_Y_UP if up else rr.ViewCoordinates.RIGHT_HAND_Z_UP
        self._stream.log(self._path("world"), view, static=True)
        self._layout.add("world", self._path("world"))
        self._stream.log(f"{path}/way", rr.LineStrips3D([points]), static=True)
        places = rr.Points3D.columns(positions=points)
        self._stream.log(path, rr.Points3D.from_fields(radii=0.03), static=True)
        self._columns(path, np.arange(len(points)), places)

    def _mind(self, name: str, item: Document, folder: str, seconds: np.ndarray) -> None:
        names = ("mind", name)
        if item["kind"] == "picture":
            self._video(names, f"{folder}/{item['file']}", seconds)
        elif item["kind"] == "text":
            self._say(names, item["changes"])
        elif item["kind"] == "changes":
            told = [[step, "\n".join(lines)] for step, lines in enumerate(item["values"]) if lines]
            self._say(names, told)
        elif item["kind"] == "scalar":
            known = [
                (step, value) for step, value in enumerate(item["values"]) if value is not None
            ]
            steps, values = zip(*known, strict=True)
            self._layout.add("curves", self._path(*names))
            columns = self._rr.Scalars.columns(scalars=np.array(values))
            self._columns(self._path(*names), np.array(steps), columns)
        elif item["kind"] == "weights":
            self._layout.add("bars", self._path(*names))
            self._weights(names, item["values"])

    def _weights(self, names: Sequence[str], values: Sequence[Mapping[str, Any] | None]) -> None:
        for step, now in enumerate(values):
            if now is not None:
                self._stream.set_time(STEP_TIMELINE, sequence=step)
                bars = self._rr.BarChart(np.sum(now["weights"], 0), abscissa=now["columns"])
                self._stream.log(self._path(*names), bars)
        self._stream.reset_time()


def position(labels: Sequence[str]) -> int | None:
    """Return the index of the first of three consecutive labels that are x, y and z in m; None
    without such labels."""
    for first in range(len(labels) - 2):
        three = labels[first : first + 3]
        axes = all(
            re.search(rf"\b{axis}\b.*\bm\b", label)
            for axis, label in zip("xyz", three, strict=True)
        )
        if axes:
            return first
    return None
