"""A short tutorial, recorded in a real Chromium: what the file shows is what its truth says."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.errors import VideoError
from longhaul.webagents.generator import act
from longhaul.webagents.sites.running import Sites
from longhaul.webagents.tutorials.library import Library
from longhaul.webagents.tutorials.narrate import can_narrate
from longhaul.webagents.tutorials.script import Script, Shot
from longhaul.webagents.video.ocr import Reader
from longhaul.webagents.video.truth import Truth, truth_path

SCRIPT = Script(
    "short",
    "gitlab",
    (
        Shot((), "How to find a project", "You can find any project."),
        Shot((act.type_in("Search Forge", "star-map", submit=True),), "Search for it by name"),
        Shot((act.click("link", "Explore"),), "Or look at all of them", "That is all."),
    ),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("videos"))


@pytest.fixture(scope="module")
def video(library: Library, browser: Browser, sites: Sites) -> Path:
    return library.make(SCRIPT, browser, sites)


@pytest.fixture(scope="module")
def truth(video: Path) -> Truth:
    return Truth.from_json(json.loads(truth_path(video).read_text()))


@pytest.fixture(scope="module")
def frames(video: Path) -> list[np.ndarray]:
    """All frames, RGB, by PyAV."""
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def at(truth: Truth, frames: list[np.ndarray], state: str, action: str) -> np.ndarray:
    """Return the last frame of the last span of an action."""
    spans = [s for s in truth.spans if s.state == state and s.action.startswith(action)]
    return frames[spans[-1].last - 1]


def test_every_frame_has_a_span(truth: Truth, frames: list[np.ndarray]) -> None:
    assert len(frames) == truth.frames
    edges = [(span.first, span.last) for span in truth.spans]
    assert edges[0][0] == 0 and edges[-1][1] == truth.frames
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    with pytest.raises(IndexError, match="frame"):
        truth.at(truth.frames)


def test_another_reader_sees_as_many_frames_of_the_same(
    video: Path, truth: Truth, frames: list[np.ndarray]
) -> None:
    capture = cv2.VideoCapture(str(video))
    assert capture.get(cv2.CAP_PROP_FPS) == truth.fps
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == truth.frames
    _, first = capture.read()
    assert np.abs(first[..., ::-1].astype(int) - frames[0]).mean() < 3


def test_the_pointer_moves_in_every_frame_that_says_so(
    truth: Truth, frames: list[np.ndarray]
) -> None:
    moving = [i for s in truth.spans if s.state == "move" for i in range(s.first, s.last)]
    assert len(moving) >= 16
    distinct = [i for i in moving if np.abs(frames[i].astype(int) - frames[i - 1]).max() > 48]
    assert truth.fps * len(distinct) / len(moving) >= 20


def test_half_a_minute_is_at_most_300_kilobytes(video: Path, truth: Truth) -> None:
    assert video.stat().st_size * 30 * truth.fps / truth.frames <= 300_000


def test_what_is_read_off_frames_is_what_the_truth_says(
    truth: Truth, frames: list[np.ndarray]
) -> None:
    reader = Reader()

    def read(picture: np.ndarray) -> list[str]:
        return [line.text for line in reader.read(picture)]

    typed = read(at(truth, frames, "act", "type textbox 'Search Forge'"))
    assert "Search for it by name" in typed
    assert any("star-map" in line for line in typed)
    span = truth.spans[-1]
    assert span.url.endswith("/explore")
    assert span.caption == "Or look at all of them" in read(frames[span.last - 1])


def test_speech_lies_in_its_shots(truth: Truth) -> None:
    assert [saying.text for saying in truth.sayings] == [
        "You can find any project.",
        "That is all.",
    ]
    for saying in truth.sayings:
        assert saying.start < saying.end <= truth.frames / truth.fps
        caption = next(shot.caption for shot in SCRIPT.shots if shot.speech == saying.text)
        assert truth.at(int(saying.end * truth.fps) - 1).caption == caption


@pytest.mark.skipif(not can_narrate(), reason="espeak-ng is not installed")
def test_a_narrated_video_is_loud_where_something_is_said(video: Path, truth: Truth) -> None:
    with av.open(str(video)) as container:
        rate = container.streams.audio[0].rate
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    first, last = truth.sayings
    said = sound[int(first.start * rate) : int(first.end * rate)]
    silent = sound[int((first.end + 0.3) * rate) : int((last.start - 0.1) * rate)]
    assert np.abs(said).mean() > 100 * np.abs(silent).mean()


def test_a_video_that_is_there_is_not_made_again(
    library: Library, video: Path, browser: Browser, sites: Sites
) -> None:
    before = video.stat().st_mtime_ns
    assert library.make(SCRIPT, browser, sites) == video
    assert video.stat().st_mtime_ns == before
    other = dataclasses.replace(SCRIPT, shots=SCRIPT.shots[:1])
    assert library.path(other) != video and not library.has(other)


def test_a_script_that_cannot_be_played_leaves_nothing(
    library: Library, browser: Browser, sites: Sites
) -> None:
    wrong = Script("wrong", "gitlab", (Shot((act.click("link", "Nowhere"),), "Click it"),))
    with pytest.raises(VideoError, match="no link 'Nowhere'") as caught:
        library.make(wrong, browser, sites)
    assert "\n" not in str(caught.value)
    assert not [path for path in library.folder.rglob("*") if "wrong" in path.name]


def test_recording_leaves_the_sites_as_they_were(
    library: Library, browser: Browser, sites: Sites
) -> None:
    sites.reset()
    before = sites.state("forum")
    vote = Shot(
        (act.click("link", "Forums"), act.click("link", "books"), act.click("button", "Subscribe")),
        "",
    )
    library.make(Script("subscribe", "reddit", (vote,)), browser, sites)
    assert sites.state("forum") == before


def test_a_script_survives_json() -> None:
    data: Any = json.loads(json.dumps(SCRIPT.to_json()))
    assert Script.from_json(data) == SCRIPT
    assert Script.from_json(data).name == SCRIPT.name
