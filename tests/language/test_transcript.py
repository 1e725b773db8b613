"""What was asked and answered is on the disk, and can be read after a crash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longhaul.language.chat import Message, Reply, Request
from longhaul.language.errors import LanguageError
from longhaul.language.scripted import Scripted
from longhaul.language.transcript import Recorded, Transcript, read_transcript

ASK = Request((Message("user", "Goal: tidy"),), choices=("a", "b"), seed=3)


def test_exchanges_are_read_back(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "new" / "chat.jsonl")
    model = Recorded(
        Scripted([Reply("häuser \ud800", "stop", 5, 2, 0.5)], scores=[[0.5, 1]]), transcript
    )
    model.context = {"episode": "e-1", "step": 4}
    model.reply(ASK)
    model.score(ASK, ["a", "b"])
    with pytest.raises(LanguageError):
        model.reply(ASK)
    replied, scored, failed = read_transcript(transcript.path)
    assert replied["request"] == {
        "messages": [{"role": "user", "text": "Goal: tidy"}],
        "choices": ["a", "b"],
        "max_tokens": 256,
        "temperature": 0.0,
        "seed": 3,
    }
    assert replied["reply"]["text"] == "häuser \ud800"
    assert (replied["episode"], replied["step"]) == ("e-1", 4)
    assert scored["scores"] == {"a": 0.5, "b": 1.0}
    assert failed["error"].startswith("LanguageError: scripted: no reply is left")
    assert (transcript.tokens_in, transcript.tokens_out, transcript.seconds) == (5, 2, 0.5)


def test_images_are_named_by_hash(tmp_path: Path) -> None:
    transcript = Transcript(tmp_path / "chat.jsonl")
    for value in (0, 1, 1):
        image = np.full((2, 3, 3), value, np.uint8)
        Recorded(Scripted(["x"]), transcript).reply(Request((Message("user", "?", (image,)),)))
    images = [e["request"]["messages"][0]["images"][0] for e in read_transcript(transcript.path)]
    assert images[0]["shape"] == [2, 3, 3]
    assert images[0]["sha256"] != images[1]["sha256"] == images[2]["sha256"]


def test_a_torn_line_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    Recorded(Scripted(["one", "two"]), Transcript(path)).reply(ASK)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    Recorded(Scripted(["three"]), Transcript(path)).reply(ASK)
    assert [entry["reply"]["text"] for entry in read_transcript(path)] == ["one", "three"]
