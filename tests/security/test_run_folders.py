"""Threat: a run folder from elsewhere, with links, paths and documents that mean harm.

Control: longhaul/inside.py opens regular files of the folder itself alone; longhaul/documents.py
bounds what is parsed; from_json of the records, evaluation/reports/summary.py and
evaluation/viewer/recordings.py check what was.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rerun.chunk import RrdReader

from longhaul import load_run
from longhaul.commands.compare import main as compare
from longhaul.commands.curve import main as curve
from longhaul.commands.view import main as view
from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.records.store import EpisodeStore
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.export import names
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.recordings import read_recording
from longhaul.evaluation.viewer.server import make_app
from longhaul.identifiers import file_name
from longhaul.inside import Folder
from tests.evaluation.made import make_record
from tests.evaluation.viewer.made import PROVENANCE, film, line, write_run

SECRET = "the secret of another folder"
ROWS = [make_record([1, 0], name=name, steps=[4, 4]) for name in ("a", "b", "c")]
BRACKETS = "[" * 100_000


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run with a film and a recording of its first episode; SECRET lies beside it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.mp4").write_text(SECRET)
    folder = write_run(tmp_path / "run", ROWS, videos=1)
    (folder / "recordings" / "a").mkdir(parents=True)
    film(folder / "recordings" / "a" / "rgb.mp4", ROWS[0], every=1)
    (folder / "recordings" / "a" / "recording.json").write_text(json.dumps(recording()))
    return folder


def recording(**changes: Any) -> dict[str, Any]:
    return {
        **{"frames": 8, "rate": 30.0, "cameras": [{"name": "rgb", "file": "rgb.mp4"}]},
        **{"states": {}, "actions": {}, "texts": {}, "items": {}, **changes},
    }


def everything(run: Path) -> str:
    """Return all documents of a run as one text, as its pages get them."""
    documents = Documents([RunView(run)])
    return json.dumps({name: documents.get(name) for name in names(documents)})


def exported(run: Path, capsys: Any) -> tuple[bytes, str]:
    """Return all bytes of an export and of a file for Rerun, and what was said meanwhile."""
    out = run.parent / "out"
    assert view([str(run), "--export", str(out)]) == 0
    assert not [path for path in out.rglob("*") if path.is_symlink()]
    content = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert view([str(run), "--rerun", str(run.parent / "out.rrd")]) in (0, 2)
    if (run.parent / "out.rrd").exists():
        assert list(RrdReader(run.parent / "out.rrd").stream())
        content += (run.parent / "out.rrd").read_bytes()
    return content, capsys.readouterr().err


def served(run: Path, name: str) -> int:
    client = make_app(Documents([RunView(run)]), "token").test_client()
    answer = client.get(f"/token/files/0/{name}")
    assert SECRET.encode() not in answer.data
    return answer.status_code


def linked(path: Path, target: Path) -> None:
    if path.is_dir():
        path.rename(path.with_name("moved"))
    else:
        path.unlink()
    path.symlink_to(target)


def test_an_honest_run_is_shown_whole(run: Path, capsys: Any) -> None:
    content, said = exported(run, capsys)
    assert "left out" not in said
    assert content.count((run / "videos" / "a.mp4").read_bytes()) == 1  # the recording's is shorter
    assert served(run, "videos/a.mp4") == served(run, "recordings/a/rgb.mp4") == 200
    assert len(load_run(run).records) == 3


@pytest.mark.parametrize(
    ("link", "target", "shows"),
    [
        ("videos", "outside", "videos/secret.mp4"),
        ("videos/a.mp4", "outside/secret.mp4", "videos/a.mp4"),
        ("recordings", "outside", "recordings/secret.mp4"),
        ("recordings/a", "outside", "recordings/a/secret.mp4"),
        ("recordings/a/rgb.mp4", "outside/secret.mp4", "recordings/a/rgb.mp4"),
        ("recordings/a/recording.json", "outside/recording.json", "recordings/a/recording.json"),
        ("config.yaml", "outside/secret.mp4", "config.yaml"),
        ("provenance.json", "outside/provenance.json", "provenance.json"),
        ("summary.json", "outside/summary.json", "summary.json"),
    ],
)
def test_a_link_is_left_out_and_said(
    run: Path, capsys: Any, link: str, target: str, shows: str
) -> None:
    outside = run.parent / "outside"
    (outside / "recording.json").write_text(json.dumps(recording(texts={"t": [[0, SECRET]]})))
    (outside / "provenance.json").write_text(json.dumps({**PROVENANCE, "told": SECRET}))
    summary = json.loads((run / "summary.json").read_text())
    (outside / "summary.json").write_text(json.dumps({**summary, "parts": {SECRET: SECRET}}))
    linked(run / link, run.parent / target)
    assert SECRET not in everything(run)
    content, said = exported(run, capsys)
    assert SECRET.encode() not in content
    assert "left out" in said and Path(link).name in said
    assert served(run, shows) == 404


@pytest.mark.parametrize("name", ["episodes.jsonl", "summary.json"])
def test_a_run_whose_records_are_a_link_is_refused(run: Path, capsys: Any, name: str) -> None:
    linked(run / name, run.with_name("elsewhere"))
    run.with_name("elsewhere").write_text("".join(map(line, ROWS)))
    with pytest.raises(ConfigError, match=rf"'{name}' is a link") as raised:
        load_run(run)
    assert "\n" not in str(raised.value)
    assert compare([str(run), str(run)]) == 2
    assert "is a link" in capsys.readouterr().err
    if name == "episodes.jsonl":
        assert view([str(run), "--export", str(run.parent / "out")]) == 2


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd", "../../../outside/secret.mp4", "..", "", "a/../rgb.mp4", "./rgb.mp4", 7,
        "https://example.org/x.mp4", "file:///etc/passwd", "rgb.mp4\0", "recording.json", None,
        "%2e%2e/%2e%2e/secret.mp4", "\\..\\secret.mp4", "\ud800.mp4", ["rgb.mp4"],
    ],
)  # fmt: skip
def test_a_recording_shows_files_of_its_own_folder_alone(run: Path, capsys: Any, file: Any) -> None:
    picture = {"kind": "picture", "of": "", "ahead": 0, "made": [0] * 8, "file": file}
    found = recording(cameras=[{"name": "rgb", "file": file}], items={"seen": picture})
    (run / "recordings" / "a" / "recording.json").write_text(json.dumps(found))
    shown = read_recording(run, "a")
    assert shown is not None and not shown["cameras"] and not shown["items"]
    content, said = exported(run, capsys)
    assert SECRET.encode() not in content and b"root:" not in content
    assert "of cameras is broken: left out" in said and "'seen' of items is broken" in said


def test_a_list_of_addresses_is_no_video(run: Path) -> None:
    """FFmpeg takes such a file for a video, opens what it names, and fetches addresses."""
    names = [f"#EXTINF:1,\n{run.parent}/outside/real.mp4\n", "#EXT-X-ENDLIST\n"]
    film(run.parent / "outside" / "real.mp4", ROWS[0], every=1)
    (run / "videos" / "a.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + "".join(names))
    episode = Documents([RunView(run)]).get("run/0/episode/0")
    assert episode["video"] == {"file": "videos/a.mp4", "torn": True}


@pytest.mark.parametrize("name", ["videos/page.html", "videos/script.js", "episodes.jsonl"])
def test_nothing_but_videos_is_served(run: Path, name: str) -> None:
    (run / name).touch()
    assert served(run, name) == 404
    assert served(run, "recordings/a/recording.json") == 404


def changed(**changes: Any) -> dict[str, Any]:
    return {**json.loads(line(ROWS[1])), **changes}


def inner(place: str, **changes: Any) -> dict[str, Any]:
    record = changed()
    target = {"episode": record["episode"], "outcome": record["outcomes"][0]}
    target["subtask"] = record["episode"]["subtasks"][0]
    target[place] |= changes
    return record


NO_RECORDS: dict[str, Any] = {
    "an unknown status": changed(status="done"),
    "no status": {k: v for k, v in changed().items() if k != "status"},
    "a status of another type": changed(status=["success"]),
    "steps that are no number": changed(steps=math.nan),
    "negative steps": changed(steps=-1),
    "steps as a flag": changed(steps=True),
    "too many steps": changed(steps=10**15),
    "fewer outcomes than subtasks": changed(outcomes=changed()["outcomes"][:1]),
    "no outcomes": changed(outcomes=[]),
    "outcomes of another type": changed(outcomes={"a": 1}),
    "an outcome of another type": changed(outcomes=["done", "done"]),
    "another id": changed(id="x"),
    "a time that is no number": changed(timings={"wall_s": math.inf}),
    "an error of another type": changed(error={"line": 1}),
    "parts of another type": changed(parts={"expert": 1}),
    "success of another type": inner("outcome", success="no"),
    "a start before the beginning": inner("outcome", start_step=-3),
    "an end that is no number": inner("outcome", end_step=math.nan),
    "a huge number": inner("outcome", measures={"d": 10**400}),
    "a measure that is no number": inner("outcome", measures={"d": "far"}),
    "an unknown field": inner("outcome", won=True),
    "an empty id": inner("episode", id=""),
    "an id of another type": inner("episode", id=3),
    "an instruction of another type": inner("subtask", instruction=None),
    "a list": [],
    "a number": 3,
    "nothing": None,
}


@pytest.mark.parametrize("record", NO_RECORDS.values(), ids=list(NO_RECORDS))
def test_what_is_no_record_is_counted_and_said(run: Path, record: Any) -> None:
    with pytest.raises(ValueError, match=r".") as told:
        EpisodeRecord.from_json(record)
    assert type(told.value) is ValueError and "\n" not in str(told.value)
    broken = line(ROWS[0]) + json.dumps(record) + "\n" + line(ROWS[2])
    (run / "episodes.jsonl").write_text(broken)
    shown = RunView(run)
    shown.refresh()
    assert shown.broken == 1 and [row["id"] for row in shown.rows] == ["a", "c"]
    for where in (broken, line(ROWS[0]) + json.dumps(record) + "\n"):  # in the middle, and last
        (run / "episodes.jsonl").write_text(where)
        with pytest.raises(ConfigError, match=r"episodes\.jsonl, line 2: not a record"):
            load_run(run)
        with pytest.raises(ConfigError, match=r"line 2: not a record"):
            EpisodeStore(run / "episodes.jsonl")
        assert (run / "episodes.jsonl").read_text() == where


@pytest.mark.parametrize("text", [BRACKETS, '{"a":' * 100_000, "[]", "3", '"x"', "{", "\0", ""])
@pytest.mark.parametrize(
    "name",
    ["episodes.jsonl", "summary.json", "provenance.json", "config.yaml", "transcript.jsonl",
     "steps.jsonl", "recordings/a/recording.json"],
)  # fmt: skip
def test_no_document_breaks_a_reader(run: Path, name: str, text: str) -> None:
    (run / name).write_text(text + "\n")
    everything(run)
    for read in (load_run, lambda path: curve([str(path), "--out", str(path / "curve.png")])):
        try:
            read(run)
        except ConfigError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("text", [BRACKETS, "[]", '{"kind": 3}', '{"kind": "train", "step": "x"}'])
def test_a_curve_names_the_line(tmp_path: Path, capsys: Any, text: str) -> None:
    (tmp_path / "metrics.jsonl").write_text(text + "\n")
    assert curve([str(tmp_path), "--out", str(tmp_path / "curve.png")]) == 2
    assert "metrics.jsonl, line 1" in capsys.readouterr().err
    linked(tmp_path / "metrics.jsonl", tmp_path / "other")
    assert curve([str(tmp_path), "--out", str(tmp_path / "curve.png")]) == 2
    assert "is a link" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("parts", v) for v in ([], {"expert": []}, None)),
        *(("status", v) for v in ([], {"success": "3"}, {"success": [1]})),
        *(("trained", v) for v in ("no", 1)),
        *(("metrics", v) for v in ([], {}, {"sr": 1, "success_at": []}, {"success_at": [1]})),
        *(("headline", v) for v in ("x", {"metric": 3})),
        *(("timing", v) for v in ({"env_steps_per_s": "fast"}, [])),
        *(("provenance", v) for v in ([], {"identity": 3}, {"identity": {"env": "gl"}})),
        *(("origins", v) for v in ({}, [3])),
        ("per_task", {"a": {"value": "x"}}),
    ],
)
def test_a_summary_of_other_types_is_left_out_or_one_line(
    run: Path, capsys: Any, key: str, value: Any
) -> None:
    summary = json.loads((run / "summary.json").read_text())
    (run / "summary.json").write_text(json.dumps({**summary, key: value}))
    documents = Documents([RunView(run)])
    assert documents.get("run/0/summary")["status"] == {**summary["status"]}
    (told,) = documents.get("run/0/rows")["left_out"]
    assert f"summary.json: {key}" in told
    assert compare([str(run), str(run)]) == 2
    said = capsys.readouterr().err
    assert "holds no readable run" in said and said.count("\n") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"frames": 10**12}, {"frames": -1}, {"frames": "8"}, {"rate": 0}, {"rate": "x"},
        {"cameras": {}}, {"cameras": [3]}, {"states": []}, {"states": {"s": {"labels": ["x"]}}},
        {"states": {"s": {"labels": ["x"], "values": [[1.0]]}}},
        {"states": {"s": {"labels": ["x"], "values": [["1"] * 8]}}},
        {"texts": {"t": [["0", "x"]]}}, {"texts": [1]}, {"items": {"i": {"kind": "scalar"}}},
        {"items": {"i": {"kind": "scalar", "values": [None] * 8}}},
        {"items": {"i": {"kind": "weights", "rows": ["r"], "sums": True, "top": 1, "values":
                         [{"columns": [0], "weights": [[1, 2]]}]}}},
        {"items": {"i": {"kind": "changes", "values": [3]}}},
        {"items": {"i": {"kind": "text", "changes": [[0]]}}}, {"items": {"i": 3}},
        {"items": {"i": {"kind": "scalar", "values": [1] * 8, "file": "/etc/passwd"}}},
    ],
)  # fmt: skip
def test_a_recording_of_other_types_breaks_nothing(
    run: Path, capsys: Any, change: dict[str, Any]
) -> None:
    (run / "recordings" / "a" / "recording.json").write_text(json.dumps(recording(**change)))
    everything(run)
    exported(run, capsys)


def test_a_run_is_not_written_through_its_links(run: Path) -> None:
    identity = PROVENANCE["identity"]
    for name in ("videos", "summary.json.partial", "transcript.jsonl"):
        path = run.with_name(f"run-{file_name(name)}")
        RunFolder(path, "", identity, {}).store.close()
        (path / name).symlink_to(run.parent / "outside")
        with pytest.raises(ConfigError, match=f"holds a link, '{name}'"):
            RunFolder(path, "", identity, {})
    assert [path.name for path in (run.parent / "outside").iterdir()] == ["secret.mp4"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.mkdir(), "no regular file"),
        (lambda path: os.mkfifo(path), "no regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is a link"),
        (lambda path: path.symlink_to(path.name), "is a link"),
        (lambda path: path.symlink_to("nowhere"), "is a link"),
    ],
)
def test_only_regular_files_are_opened(
    tmp_path: Path, make: Callable[[Path], None], told: str
) -> None:
    make(tmp_path / "file")
    for read in (Folder(tmp_path).read, Folder(tmp_path).find, Folder(tmp_path).has):
        with pytest.raises(ConfigError, match=told):
            read("file")


@pytest.mark.parametrize("name", ["..", "../x", "/etc/passwd", "a/../../x", "", ".", "a\0", "a/\0"])
def test_names_do_not_lead_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "x").touch()
    (tmp_path / "in" / "a").mkdir(parents=True)
    with pytest.raises(ConfigError, match="is no name of a file inside this folder"):
        Folder(tmp_path / "in").open(name)
