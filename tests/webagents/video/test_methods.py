"""What each way to take a video in hands on, and what can be answered from that."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from longhaul.language.errors import SetupError
from longhaul.language.scripted import Scripted
from longhaul.webagents.errors import MissingError, VideoError
from longhaul.webagents.video.answer import ChatAnswerer, Extractive
from longhaul.webagents.video.build import Options, build_understanding
from longhaul.webagents.video.contract import Evidence, Line, say_lines
from longhaul.webagents.video.frames import Reel
from longhaul.webagents.video.methods import Frames, NoVideo, Summary, Transcript
from longhaul.webagents.video.ocr import Reader
from longhaul.webagents.video.retrieval import Retrieval
from longhaul.webagents.video.transcript import Transcriber
from tests.webagents.video.made import COLORS, embed, make_video, plain

SAID = ("I live in Dunmore.", "This is a present for my sister.", "Good night.")
SHOWN = ("Order 17 is complete.", "The teapot was added to the wish list.", "Nothing is left.")


class Shown(Reader):
    """Reads the n-th line of SHOWN off the n-th second."""

    def __init__(self) -> None:
        self.name = "shown"

    def read_reel(self, reel: Reel, video: Path) -> tuple[Line, ...]:
        return tuple(Line(t, t + 1, "screen", SHOWN[int(t)]) for t in reel.times)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Three seconds, with captions."""
    return make_video(tmp_path / "video.mp4", [plain(c) for c in COLORS], sayings=SAID)


def test_each_way_hands_on_what_it_has(video: Path) -> None:
    assert NoVideo()(video, "?") == Evidence()
    frames = Frames(3, Shown())(video, "?")
    assert [line.text for line in frames.lines] == list(SHOWN)
    assert [round(time, 1) for time, _ in frames.pictures] == [0.5, 1.5, 2.5]
    assert [line.text for line in Transcript(Transcriber())(video, "?").lines] == list(SAID)


def test_retrieval_takes_the_clips_that_a_query_is_about(video: Path) -> None:
    retrieval = Retrieval(embed, Shown(), Transcriber(), clip_s=1.0, top=1)
    found = retrieval(video, "Who is the present for, the sister?")
    assert [line.text for line in found.lines] == [SAID[1], SHOWN[1]]
    assert [round(time, 1) for time, _ in found.pictures] == [1.5]
    assert 0 < found.nearness[0] <= 1
    both = Retrieval(embed, Shown(), Transcriber(), clip_s=1.0, top=2)(
        video, "order complete night"
    )
    assert [line.start for line in both.lines if line.source == "speech"] == [0.0, 2.0]


def test_a_model_that_sees_describes_the_clips(video: Path) -> None:
    model = Scripted(["a red page", "a green page", "a blue page"])
    found = Retrieval(embed, Shown(), Transcriber(), model, 1.0, 1)(video, "the blue page")
    assert found.lines[0].text == "a blue page"
    shown = model.requests[2].messages[1].images[0]
    assert np.allclose(shown.mean((0, 1)), COLORS[2], atol=12)


def test_a_summary_is_written_once_from_all_there_is(video: Path) -> None:
    model = Scripted(["A teapot is wished for."])
    summary = Summary(model, Frames(3, Shown()), Transcriber())
    assert say_lines(summary(video, "?")) == "[0:00 summary] A teapot is wished for."
    assert summary(video, "another").lines == summary(video, "?").lines
    told = model.requests[0].messages[1]
    assert all(text in told.text for text in (*SAID, *SHOWN)) and len(told.images) == 3


def test_extraction_answers_with_what_stands_there(video: Path) -> None:
    extract = Extractive(embed)
    assert extract("In which city do I live?", Transcript(Transcriber())(video, "?")) == SAID[0]
    frames = Frames(3, Shown())(video, "?")
    assert extract("What was added to the wish list?", frames) == SHOWN[1]
    assert extract("What is the number of the order?", frames) == SHOWN[0]
    assert extract("In which city do I live?", Evidence()) == ""


def test_a_model_is_asked_with_lines_and_pictures(video: Path) -> None:
    model = Scripted([" Dunmore "])
    evidence = Frames(2, Shown())(video, "?")
    assert ChatAnswerer(model)("Which city?", evidence) == "Dunmore"
    told = model.requests[0].messages[1]
    assert SHOWN[0] in told.text and "Question: Which city?" in told.text and len(told.images) == 2


def test_captions_that_are_not_there_or_broken(tmp_path: Path) -> None:
    silent = make_video(tmp_path / "silent.mp4", [plain(COLORS[0])])
    with pytest.raises(VideoError, match="speech_model"):
        Transcriber()(silent)
    (tmp_path / "silent.json").write_text('{"fps": 10}')
    with pytest.raises(VideoError, match="holds no captions"):
        Transcriber()(silent)
    with pytest.raises(VideoError, match="missing"):
        Transcriber()(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("telepathy", Options(), "valid: base, frames, transcript, summary, retrieval"),
        ("summary", Options(), "chat model"),
        ("transcript", Options(speech_model="/nowhere"), "no speech model in /nowhere"),
        ("transcript", Options(listen=True), "speech_model"),
    ],
)
def test_what_cannot_be_built_is_said_in_one_line(
    name: str, options: Options, problem: str
) -> None:
    with pytest.raises(MissingError, match=problem) as caught:
        build_understanding(name, None, options, embed)
    assert "\n" not in str(caught.value)


def test_without_its_package_reading_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(SetupError, match=r"pip install -e '\.\[video\]'"):
        Reader()
