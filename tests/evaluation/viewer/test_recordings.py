"""A recording that somebody else wrote: its sound parts are shown, and each other one is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longhaul.evaluation.viewer.recordings import read_recording

CURVES = {"labels": ["x", "y"], "values": [[0.5, 1, 2.0], [0, 0, 2**63 - 1]]}
WEIGHING = {"columns": [0, 1], "weights": [[0.25, 0.75], [1, 0]]}
SOUND: dict[str, Any] = {
    "frames": 3,
    "rate": 30,
    "cameras": [{"name": "wide", "file": "wide.mp4"}],
    "states": {"pose": CURVES},
    "actions": {"action": {"labels": ["x"], "values": [[1.0, 2.0, 3.0]]}},
    "texts": {"url": [[0, "http://a"], [3, "http://b"]]},
    "items": {
        "thought": {"kind": "text", "changes": [[1, "left"]]},
        "page": {"kind": "changes", "values": [None, ["+a", "-b"], []]},
        "sure": {"kind": "scalar", "values": [None, 0.5, 1]},
        "seen": {"kind": "picture", "of": None, "ahead": 2, "made": [0, 0, 2], "file": "seen.mp4"},
        "heed": {
            "kind": "weights",
            "rows": ["a", "b"],
            "sums": True,
            "top": 1,
            "values": [None, WEIGHING, {**WEIGHING, "even": [[0.5, 0.5]]}],
        },
    },
}


def read(tmp_path: Path, document: Any) -> tuple[dict[str, Any] | None, list[str]]:
    """Return what is read of a recording, and the lines on what was left out."""
    folder = tmp_path / "recordings/x"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("wide", "seen"):
        (folder / f"{name}.mp4").touch()
    (folder / "outside.mp4").unlink(missing_ok=True)
    (folder / "outside.mp4").symlink_to(tmp_path / "elsewhere.mp4")
    (folder / "recording.json").write_text(json.dumps(document))
    notes: list[str] = []
    return read_recording(tmp_path, "x", notes.append), notes


def test_a_sound_recording_is_read_whole(tmp_path: Path) -> None:
    found, notes = read(tmp_path, SOUND)
    assert found == {**SOUND, "folder": "recordings/x"} and not notes
    without = {key: value for key, value in SOUND.items() if key != "texts"}
    assert read(tmp_path, without) == ({**SOUND, "folder": "recordings/x", "texts": {}}, [])


@pytest.mark.parametrize(
    "changes",
    [
        *({"frames": frames} for frames in (-1, 3.0, True, None, "3", 2**60)),
        *({"rate": rate} for rate in (0, -1, None, True, "30", 100_001, float("nan"))),
    ],
)
def test_without_its_length_and_rate_nothing_is_shown(tmp_path: Path, changes: Any) -> None:
    found, notes = read(tmp_path, {**SOUND, **changes})
    assert found is None and len(notes) == 1


def test_a_recording_of_no_step_is_one(tmp_path: Path) -> None:
    document = {"frames": 0, "rate": 100_000, "states": {"pose": {**CURVES, "values": [[], []]}}}
    found, notes = read(tmp_path, document)
    assert found is not None and found["states"].keys() == {"pose"} and not notes


def heed(**changes: Any) -> dict[str, Any]:
    return {**SOUND["items"]["heed"], **changes}


BROKEN: dict[str, list[Any]] = {
    "cameras": [
        "wide",
        {"name": 3, "file": "wide.mp4"},
        {"name": "wide"},
        {"name": "wide", "file": "wide.avi"},
        {"name": "wide", "file": "../x/wide.mp4"},
        {"name": "wide", "file": "missing.mp4"},
        {"name": "wide", "file": "outside.mp4"},
        {"name": "wide", "file": 7},
    ],
    "states": [
        None,
        [],
        {**CURVES, "labels": []},
        {**CURVES, "labels": "xy"},
        {**CURVES, "labels": ["x", 3]},
        {**CURVES, "labels": ["x"]},
        {**CURVES, "values": None},
        {**CURVES, "values": [[1, 2, 3], [1, 2]]},
        {**CURVES, "values": [[1, 2, 3], [1, 2, 3, 4]]},
        {**CURVES, "values": [[1, 2, 3], [1, 2, None]]},
        {**CURVES, "values": [[1, 2, 3], [1, 2, True]]},
        {**CURVES, "values": [[1, 2, 3], [1, 2, 2**63]]},
        {**CURVES, "values": [[1, 2, 3], [1, 2, float("inf")]]},
        {**CURVES, "values": [[1, 2, 3], "123"]},
    ],
    "texts": [
        "a",
        ["a"],
        [[0, "a", "b"]],
        [[0]],
        [["0", "a"]],
        [[True, "a"]],
        [[-1, "a"]],
        [[4, "a"]],
        [[0, None]],
        [[0, "a"], [1, 2]],
    ],
    "items": [
        None,
        {},
        {"kind": "dance", "values": []},
        {"kind": "text"},
        {"kind": "text", "changes": [[5, "late"]]},
        {"kind": "changes", "values": [None, ["a"], [3]]},
        {"kind": "changes", "values": [None] * 4},
        {"kind": "changes", "values": "abc"},
        {"kind": "scalar", "values": [None, None]},
        {"kind": "scalar", "values": [0.5, "x"]},
        {"kind": "scalar"},
        {**SOUND["items"]["seen"], "of": 3},
        {**SOUND["items"]["seen"], "ahead": 2.0},
        {**SOUND["items"]["seen"], "made": [0, "1"]},
        {**SOUND["items"]["seen"], "file": "../seen.mp4"},
        {**SOUND["items"]["seen"], "file": "missing.mp4"},
        heed(sums=1),
        heed(rows=["a", 3]),
        heed(rows=None),
        heed(top="1"),
        heed(values=[3]),
        heed(values=[{"columns": [0, 1]}]),
        heed(values=[{**WEIGHING, "columns": ["0", "1"]}]),
        heed(values=[{**WEIGHING, "weights": []}]),
        heed(values=[{**WEIGHING, "weights": [[0.5, 0.5], [1]]}]),
        heed(values=[{**WEIGHING, "even": [[0.5]]}]),
        heed(values=[{**WEIGHING, "even": None}]),
    ],
}


@pytest.mark.parametrize("group", BROKEN)
def test_each_broken_part_is_left_out_alone_and_named(tmp_path: Path, group: str) -> None:
    whole = {**SOUND, "folder": "recordings/x"}
    for value in BROKEN[group]:
        if isinstance(SOUND[group], list):
            changed: Any = [value, *SOUND[group]]
        else:
            changed = {**SOUND[group], "bad": value}
        found, notes = read(tmp_path, {**SOUND, group: changed})
        assert found == whole, value
        assert f" of {group} is broken: left out" in notes[-1], value


@pytest.mark.parametrize("group", ["cameras", "states", "actions", "texts", "items"])
@pytest.mark.parametrize("value", [None, 3, "words"])
def test_a_group_of_another_kind_is_empty(tmp_path: Path, group: str, value: Any) -> None:
    found, _ = read(tmp_path, {**SOUND, group: value})
    assert found is not None and not found[group]
    others = {key: found[key] for key in SOUND if key != group}
    assert others == {key: SOUND[key] for key in SOUND if key != group}
