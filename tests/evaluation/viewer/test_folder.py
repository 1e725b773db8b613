"""A run's folder is followed as it grows, whatever state a crash left it in."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longhaul.errors import ConfigError
from longhaul.evaluation.reports.report import summarize
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.frames import frame_steps
from tests.evaluation.made import make_record
from tests.evaluation.viewer.made import PROVENANCE, film, line, records, write_run


@given(st.lists(st.floats(0, 1), max_size=4))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_file_read_while_it_grows_is_read_as_at_once(tmp_path: Path, cuts: list[float]) -> None:
    whole = "".join(map(line, records(6))).encode()
    file = tmp_path / "episodes.jsonl"
    file.unlink(missing_ok=True)
    (tmp_path / "provenance.json").write_text("{}")
    run = RunView(tmp_path)
    for cut in sorted(round(share * len(whole)) for share in cuts):
        with file.open("ab") as out:
            out.write(whole[out.tell() : cut])
        run.refresh()
        assert len(run.rows) == whole[:cut].count(b"\n")
    with file.open("ab") as out:
        out.write(whole[out.tell() :])
    run.refresh()
    assert [row["id"] for row in run.rows] == [record.id for record in records(6)]
    assert run.records() == records(6) and run.broken == 0


def test_a_broken_line_costs_itself_only(tmp_path: Path) -> None:
    rows = records(4)
    folder = write_run(tmp_path / "a", rows)
    lines = [line(rows[0]), '{"id": 3}\n', "nonsense\n", line(rows[2]), line(rows[3])[:-9]]
    (folder / "episodes.jsonl").write_text("".join(lines))
    run = RunView(folder)
    run.refresh()
    assert [row["id"] for row in run.rows] == [rows[0].id, rows[2].id]
    assert run.broken == 2 and run.record(1) == rows[2]


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", records(5))
    run = RunView(folder)
    run.refresh()
    before = run.generation
    other = tmp_path / "other"
    other.write_text("".join(map(line, records(5)[2:])))
    other.replace(folder / "episodes.jsonl")
    run.refresh()
    assert [row["id"] for row in run.rows] == [record.id for record in records(5)[2:]]
    assert run.generation > before


def test_a_run_whose_first_episode_is_not_over_is_not_read_anew(tmp_path: Path) -> None:
    (tmp_path / "provenance.json").write_text("{}")
    run = RunView(tmp_path)
    for _ in range(2):
        run.refresh()
        assert run.generation == 0 and run.rows == []
    (tmp_path / "episodes.jsonl").write_text(line(records(1)[0]))
    run.refresh()
    assert len(run.rows) == 1 and run.generation == 1
    (tmp_path / "episodes.jsonl").unlink()
    for _ in range(2):
        run.refresh()
        assert run.generation == 2 and run.rows == []


def test_a_run_without_a_summary_is_added_up(tmp_path: Path) -> None:
    rows = records(8)
    folder = write_run(tmp_path / "a", rows)
    documents = Documents([RunView(folder)])
    written = documents.get("run/0/summary")
    (folder / "summary.json").unlink()
    made = documents.get("run/0/summary")
    expected = summarize(rows, None, {}, PROVENANCE)
    sr = next(metric for metric in made["metrics"] if metric["name"] == "success rate (SR)")
    assert {key: sr[key] for key in expected["metrics"]["sr"]} == expected["metrics"]["sr"]
    assert made["metrics"] == written["metrics"]
    assert documents.get("run/0/rows")["finished"] is False


@pytest.mark.parametrize(("steps", "every"), [(30, 2), (31, 2), (7, 3), (1, 2), (40, 1), (20, 7)])
def test_every_step_has_the_frame_that_the_writer_gave_it(
    tmp_path: Path, steps: int, every: int
) -> None:
    """The gray of the frame at which the page looks is the step's."""
    film(tmp_path / "x.mp4", make_record([1], steps=[steps]), every)
    found = frame_steps(tmp_path / "x.mp4", steps)
    assert found is not None
    with av.open(str(tmp_path / "x.mp4")) as video:
        grays = [int(frame.to_ndarray(format="gray")[32, 160]) for frame in video.decode(video=0)]
    assert found["rate"] == pytest.approx(max(1, round(30 / every)))
    for step in range(steps):
        shown = step // int(found["every"]) * found["every"]
        assert grays[step // int(found["every"])] == pytest.approx(min(255, 8 * shown), abs=4)


def test_what_is_no_video_has_no_frames(tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"no video at all")
    assert frame_steps(tmp_path / "x.mp4", 3) is None
    assert frame_steps(tmp_path / "missing.mp4", 3) is None


def test_what_was_left_out_is_told_once_each_up_to_a_bound(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", records(2))
    for number in range(99):
        (folder / "videos" / f"{number:03}.mp4").symlink_to("elsewhere.mp4")
    run = RunView(folder)
    run.refresh()
    run.refresh()
    assert len(set(run.left_out)) == len(run.left_out) == 99
    assert all("is a link: left out" in line for line in run.left_out)
    for number in range(99, 150):
        (folder / "videos" / f"{number:03}.mp4").symlink_to("elsewhere.mp4")
        run.refresh()
    assert len(run.left_out) == 100


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no run"):
        RunView(tmp_path)
    with pytest.raises(ConfigError, match="is not a folder"):
        RunView(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name",
    ["", "runs/x", "run/1/rows", "run/x/rows", "run/0/episode/99", "run/0/episode/-1", "compare"],
)
def test_unknown_documents_are_not_found(tmp_path: Path, name: str) -> None:
    documents = Documents([RunView(write_run(tmp_path / "a", records(2)))])
    with pytest.raises(LookupError):
        documents.get(name)


def test_two_runs_are_paired_by_episode(tmp_path: Path) -> None:
    rows = records(6)
    a = write_run(tmp_path / "a", rows)
    b = write_run(tmp_path / "b", [rows[4], rows[0]])
    found = Documents([RunView(a), RunView(b)]).get("compare")
    assert found["rows"] == [[0, 1], [4, 0]]
    twin = Documents([RunView(a), RunView(b)]).get("run/0/episode/4")["twin"]
    assert twin is None or twin == {"run": 1, "row": 0}
