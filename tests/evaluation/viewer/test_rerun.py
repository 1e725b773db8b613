"""What is written for Rerun, as Rerun's own reader and its command line read it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rerun.chunk import RrdReader
from rerun.encodings.view_dir import ViewDir

from longhaul.commands.view import main
from longhaul.envs.calvin.conventions import conventions
from longhaul.evaluation.recordings.explain_recording import spelled_out
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.recordings import read_recording
from longhaul.evaluation.viewer.rerun_export import position
from longhaul.identifiers import file_name
from tests.chaos.disk import largest_file
from tests.evaluation.loop.test_evaluate import run
from tests.evaluation.recordings.test_explain import Thinker
from tests.evaluation.viewer.made import records, write_run


def read(path: Path) -> dict[str, list[Any]]:
    """Return the columns of a file by `/entity Archetype:field`, in the order of their steps."""
    found: dict[str, list[tuple[int, Any]]] = {}
    for chunk in RrdReader(path).stream():
        table = chunk.to_record_batch().to_pydict()
        steps = table.get("step", [0] * chunk.num_rows)
        for name, values in table.items():
            if ":" in name:
                rows = found.setdefault(f"{chunk.entity_path} {name}", [])
                rows += zip(steps, values, strict=True)
    return {
        name: [value for _, value in sorted(rows, key=lambda r: r[0])]
        for name, rows in found.items()
    }


def test_a_recording_opens_in_rerun(tmp_path: Path) -> None:
    run(tmp_path / "run", Thinker(), n=1, workers=1, explain=1)
    out = tmp_path / "out.rrd"
    assert main([str(tmp_path / "run"), "--rerun", str(out)]) == 0
    verify = [sys.executable, "-m", "rerun", "rrd", "verify", str(out)]
    checked = subprocess.run(verify, capture_output=True, text=True, check=True)
    assert "1 file verified without error" in checked.stdout + checked.stderr
    found, ours = read(out), read_recording(tmp_path / "run", "test-0000")
    assert ours is not None
    at = "/test-0000"
    state = np.array(found[f"{at}/state/state Scalars:scalars"])
    np.testing.assert_allclose(state, np.array(ours["states"]["state"]["values"]).T)
    labels = found[f"{at}/state/state SeriesLines:names"][0]
    assert labels == ["position", "mark"]
    thoughts = found[f"{at}/mind/thought TextLog:text"]
    assert [text for (text,) in thoughts] == [
        text for _, text in ours["items"]["thought"]["changes"]
    ]
    shown = found[f"{at}/camera/rgb_wide VideoFrameReference:timestamp"]
    expected = [round(1e9 * step / 30) for step in range(ours["frames"])]
    assert [int(stamp) for (stamp,) in shown] == expected
    assert len(found[f"{at}/mind/foreseen AssetVideo:blob"]) == 1
    assert len(found[f"{at}/mind/memory BarChart:values"]) == ours["frames"] - 1


@pytest.mark.parametrize(
    ("second", "axes"),
    [
        ("y m (up)", (ViewDir.Right, ViewDir.Up, ViewDir.Back)),
        ("y m", (ViewDir.Right, ViewDir.Forward, ViewDir.Up)),
    ],
)
def test_positions_are_a_way_through_a_world_with_its_own_up(
    tmp_path: Path, second: str, axes: tuple[ViewDir, ...]
) -> None:
    """The toy's two numbers, recorded as if they were a position in m."""
    write_run(tmp_path / "run", rows := records(1))
    folder = tmp_path / "run/recordings" / file_name(rows[0].id)
    folder.mkdir(parents=True)
    values = [[0.5, 1.0, 1.5], [0.0, 0.25, 0.0], [2.0, 2.0, 4.0], [9.0, 9.0, 9.0]]
    curves = {"labels": ["x m", second, "z m", "yaw rad"], "values": values}
    document = {"frames": 3, "rate": 30, "states": {"pose": curves}}
    (folder / "recording.json").write_text(json.dumps(document))
    out = tmp_path / "out.rrd"
    assert main([str(tmp_path / "run"), "--rerun", str(out)]) == 0
    found = {name.rpartition("/world")[2]: rows for name, rows in read(out).items()}
    assert found[" ViewCoordinates:xyz"] == [[[way.value for way in axes]]]
    way = np.transpose(values[:3]).tolist()
    assert found["/pose Points3D:positions"] == [[point] for point in way]
    assert found["/pose/way LineStrips3D:strips"] == [[way]]


def test_every_part_of_an_episode_has_a_view(tmp_path: Path) -> None:
    """As Rerun reads its blueprint: kind, name and origin of each view."""
    run(tmp_path / "run", Thinker(), n=1, workers=1, explain=1)
    out = tmp_path / "out.rrd"
    assert main([str(tmp_path / "run"), "--rerun", str(out)]) == 0
    reader = RrdReader(out)
    (blueprint,) = reader.blueprints()
    views, shares = {}, []
    for chunk in reader.stream(store=blueprint):
        found = chunk.to_record_batch().to_pydict()
        if "ViewBlueprint:class_identifier" in found:
            parts = ("class_identifier", "display_name", "space_origin")
            kind, name, origin = (found[f"ViewBlueprint:{part}"][0][0] for part in parts)
            views[name] = (kind, origin)
        shares += found.get("ContainerBlueprint:col_shares", [])
    at = "/test-0000"
    assert views == {
        "instruction": ("TextDocument", f"{at}/instruction"),
        "camera/rgb_wide": ("2D", f"{at}/camera/rgb_wide"),
        "camera/rgb_near": ("2D", f"{at}/camera/rgb_near"),
        "mind/foreseen": ("2D", f"{at}/mind/foreseen"),
        "state/state": ("TimeSeries", f"{at}/state/state"),
        "action/action": ("TimeSeries", f"{at}/action/action"),
        "mind/sure": ("TimeSeries", f"{at}/mind/sure"),
        "mind/memory": ("BarChart", f"{at}/mind/memory"),
        "words": ("TextLog", at),
    }
    assert shares == [[3.0, 1.0]], "pictures and curves beside the words, three times as wide"


def test_a_video_is_exported_where_nothing_was_recorded(tmp_path: Path) -> None:
    rows = records(3)
    folder = write_run(tmp_path / "run", rows, videos=1)
    assert main([str(folder), "--rerun", str(tmp_path / "out.rrd")]) == 0
    found = read(tmp_path / "out.rrd")
    (shown,) = [name for name in found if "VideoFrameReference:timestamp" in name]
    times = [int(stamp) / 1e9 for (stamp,) in found[shown]]
    assert times == pytest.approx([step // 2 / 15 for step in range(rows[0].steps)])


@pytest.mark.parametrize(
    ("out", "videos", "said"),
    [("out.txt", 1, "must end in .rrd"), ("out.rrd", 0, "has no recordings and no videos")],
)
def test_what_cannot_be_written_is_one_line(
    out: str, videos: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_run(tmp_path / "run", records(2), videos)
    assert main([str(folder), "--rerun", str(tmp_path / out)]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
    assert not (tmp_path / out).exists() and RunView(folder)


def test_a_full_disk_ends_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path / "run", records(2), videos=2)
    out = tmp_path / "out.rrd"
    with largest_file(3000):
        assert main([str(tmp_path / "run"), "--rerun", str(out)]) == 1
    assert f"error: {out}: File too large; " in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_positions_are_found_by_their_names() -> None:
    robot = conventions(("robot_obs",), "rel").observation.by_name()["robot_obs"]
    names = spelled_out(robot.layout)  # type: ignore[union-attr]
    assert len(names) == 15
    assert names[:4] == ("tcp x (m)", "tcp y (m)", "tcp z (m)", "tcp euler x (rad)")
    assert position(names) == 0 and position(names[3:]) is None
    assert position(("step", "x m", "y m (up)", "z m", "yaw rad about y, 0 along -z")) == 1
    assert position(("position", "mark")) is None
