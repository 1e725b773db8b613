"""Which sentence a frame of somebody else's LeRobot dataset has, and whether its episode
succeeded."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from longhaul.demos.source import DatasetError
from tests.demos import others
from tests.demos.others import DATA, EPISODES, TASKS, change, change_info, opened

SENTENCES = ["open it", "close it"]


def sentences(folder: Path) -> list[str]:
    source = opened(folder)
    return [source.trajectory(i).segments[0].instruction for i in range(len(source))]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("others") / "made"
    others.write(folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "made"))


def table(how: str) -> tuple[pandas.DataFrame, dict[int, int]]:
    """Return a table of tasks, and the number in it of each number of the dataset."""
    named = pandas.Index(SENTENCES, name="task")
    frame = pandas.DataFrame({"task_index": [0, 1]}, index=named)
    if how == "unnamed":
        return pandas.DataFrame({"task_index": [0, 1]}, index=SENTENCES), {}
    if how == "reordered":
        return frame.iloc[::-1], {}
    if how == "a column":
        return frame.reset_index(), {}
    if how == "a column, reordered":
        return frame.reset_index().iloc[::-1], {}
    if how == "numbers as index":
        return frame.reset_index().set_index("task_index"), {}
    if how == "a range as index":
        numbered = pandas.RangeIndex(2, name="task_index")
        return pandas.DataFrame({"task": SENTENCES}, index=numbered), {}
    if how == "gaps":
        return pandas.DataFrame({"task_index": [7, 3]}, index=named), {0: 7, 1: 3}
    assert how == "floats"
    return pandas.DataFrame({"task_index": [0.0, 1.0], "more": ["a", "b"]}, index=named), {}


@pytest.mark.parametrize(
    "how",
    [
        *("unnamed", "reordered", "a column", "a column, reordered", "numbers as index"),
        *("a range as index", "gaps", "floats"),
    ],
)
def test_a_sentence_is_found_by_its_number(folder: Path, how: str) -> None:
    frame, renamed = table(how)
    others.write_tasks(folder, frame)
    change(folder, DATA, lambda rows: rows.replace({"task_index": renamed}) if renamed else rows)
    assert sentences(folder) == ["open it", "close it", "open it"]


def test_every_frame_has_its_own_sentence(folder: Path) -> None:
    def tasks(rows: pandas.DataFrame) -> None:
        rows["task_index"] = [0, 0, 0, 1, 1, 0, *[1] * 5, *[0] * 6, 1]

    change(folder, DATA, tasks)
    found = [opened(folder).trajectory(i).segments for i in range(3)]
    assert [[(s.start, s.stop, s.instruction) for s in segments] for segments in found] == [
        [(0, 3, "open it"), (3, 5, "close it"), (5, 6, "open it")],
        [(0, 5, "close it")],
        [(0, 6, "open it"), (6, 7, "close it")],
    ]


def test_an_episode_succeeds_that_ever_did(folder: Path) -> None:
    """next.success is true at the last frame of episode 0 and in the middle of episode 2."""
    source = opened(folder, success="next.success")
    found = [[s.success for s in source.trajectory(i).segments] for i in range(3)]
    assert found == [[True], [False], [True]]
    assert all(s.success for i in range(3) for s in opened(folder).trajectory(i).segments)


@pytest.mark.parametrize("kind", ["a list", "a float"])
def test_a_number_may_be_a_list_of_one_or_a_float(folder: Path, kind: str) -> None:
    def written(rows: pandas.DataFrame) -> None:
        rows["task_index"] = [0, 0, 0, 1, 1, 0, *[1] * 5, *[0] * 6, 1]
        for name in ("task_index", "timestamp"):
            rows[name] = [[value] if kind == "a list" else float(value) for value in rows[name]]

    change(folder, DATA, written)
    found = opened(folder).trajectory(0).segments
    assert [(s.start, s.stop) for s in found] == [(0, 3), (3, 5), (5, 6)]
    assert others.numbers(folder, 1) == [6, 7, 8, 9, 10]


@pytest.mark.parametrize("value", [0.5, float("inf"), [0, 1]])
def test_what_is_no_number_of_a_task_is_named(folder: Path, value: object) -> None:
    change(folder, DATA, lambda rows: rows.assign(task_index=[value] * len(rows)))
    with pytest.raises(DatasetError, match=rf"{DATA}: column task_index is not one whole number"):
        opened(folder).trajectory(0)


def test_a_column_of_another_width_than_its_shape_is_named(folder: Path) -> None:
    change(folder, DATA, lambda rows: rows.assign(action=[[1.0]] * len(rows)))
    with pytest.raises(DatasetError, match=rf"{DATA}: column 'action' has 1 numbers a frame, the"):
        opened(folder).trajectory(0)


def test_success_that_is_unknown_is_none(folder: Path) -> None:
    """A number that is no number (NaN) stands where nobody said it."""

    def rewritten(values: list[float]) -> list[bool]:
        table = pq.read_table(folder / DATA)
        at = table.schema.get_field_index("next.success")
        pq.write_table(table.set_column(at, "next.success", pa.array(values)), folder / DATA)
        source = opened(folder, success="next.success")
        return [source.trajectory(i).segments[0].success for i in (0, 1, 2)]

    assert rewritten([float("nan")] * 6 + [0.0] * 5 + [float("nan")] * 6 + [1.0]) == [
        False,
        False,
        True,
    ]


def test_a_broken_table_of_tasks_is_named(folder: Path) -> None:
    def refused(frame: pandas.DataFrame, told: str) -> None:
        others.write_tasks(folder, frame)
        with pytest.raises(DatasetError, match=rf"^{folder}/meta/tasks.parquet: {told}") as error:
            opened(folder)
        assert "\n" not in str(error.value)

    refused(pandas.DataFrame({"task": SENTENCES}), "columns 'index', 'task'; a table of tasks has")
    refused(pandas.DataFrame({"task_index": [0, 1]}), "columns 'index', 'task_index'; a table")
    refused(pandas.DataFrame({"task_index": [0, 0]}, SENTENCES), "there are two sentences of task")
    refused(pandas.DataFrame({"task_index": [0, None]}, SENTENCES), "task_index 'nan' is no number")
    refused(pandas.DataFrame({"task_index": ["a", "b"]}, SENTENCES), "task_index 'a' is no number")
    refused(pandas.DataFrame({"task_index": [0, 1], "task": ["a", None]}), "task 1 is 'nan', no")
    (folder / TASKS).write_bytes((folder / TASKS).read_bytes()[:100])
    with pytest.raises(DatasetError, match=r"tasks.parquet: no readable parquet"):
        opened(folder)
    (folder / TASKS).unlink()
    with pytest.raises(DatasetError, match=r"tasks.parquet: this file is missing"):
        opened(folder)


def test_a_number_without_a_sentence_is_named(folder: Path) -> None:
    others.write_tasks(folder, pandas.DataFrame({"task_index": [1, 2]}, SENTENCES))
    source = opened(folder)
    with pytest.raises(
        DatasetError,
        match=rf"{DATA}: task_index 0 is not in meta/tasks.parquet, which has 2 from 1 to 2",
    ):
        source.trajectory(0)


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("v2.1", "python -m lerobot.scripts.convert_dataset_v21_to_v30 --repo-id=NAME --root="),
        ("v2.0", "lerobot.datasets.v21.convert_dataset_v20_to_v21 of lerobot 0.3.3, then as"),
        ("v1.6", "lerobot.datasets.v2.convert_dataset_v1_to_v2 of lerobot 0.3.3, then as for"),
        ("v3.1", "it is of a later lerobot"),
        (None, "valid: v3.0$"),
    ],
)
def test_another_version_is_refused_with_what_converts_it(
    folder: Path, version: str | None, told: str
) -> None:
    change_info(folder, codebase_version=version)
    with pytest.raises(DatasetError, match=rf"info.json: codebase_version '{version}'; .*{told}"):
        opened(folder)


def test_tables_of_version_2_are_known_by_their_names(folder: Path) -> None:
    (folder / "meta/episodes.jsonl").write_text("{}\n")
    shutil.rmtree(folder / "meta/episodes")
    with pytest.raises(DatasetError, match=r"meta/episodes: there is no table; .*_v21_to_v30"):
        opened(folder)
    (folder / "meta/episodes.jsonl").unlink()
    with pytest.raises(DatasetError, match=r"meta/episodes: there is no table$"):
        opened(folder)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fps": 0}, "fps '0' is no number of frames per second"),
        ({"fps": None}, "fps 'None' is no"),
        ({"fps": 10**400}, "is no number of frames per second"),
        ({"features": None}, "there is no table of features"),
        ({"features": {others.KEY: 3}}, "there is no table of features"),
        ({"data_path": "../{chunk_index}"}, "does not lie in the dataset's folder"),
    ],
)
def test_a_broken_info_is_named(folder: Path, changes: dict[str, object], told: str) -> None:
    change_info(folder, **changes)
    with pytest.raises(DatasetError, match=told):
        opened(folder).trajectory(0)


def test_a_broken_table_of_episodes_is_named(folder: Path) -> None:
    def refused(how: object, told: str) -> None:
        whole = (folder / EPISODES).read_bytes()
        change(folder, EPISODES, how)  # type: ignore[arg-type]
        with pytest.raises(DatasetError, match=rf"^{folder}/meta/episodes: {told}"):
            opened(folder)
        (folder / EPISODES).write_bytes(whole)

    refused(lambda rows: rows.drop(columns="length"), "episode 0 has length 'None'")
    refused(lambda rows: rows.drop(columns="episode_index"), "a broken row")
    refused(lambda rows: rows.assign(episode_index=[0, 1, 1]), "episode 1 is there twice")
    start = f"videos/{others.KEY}/from_timestamp"
    refused(lambda rows: rows.assign(**{start: [0, np.nan, 1]}), "episode 1 has .*from_timestamp")
    refused(lambda rows: rows.rename(columns={start: "x"}), "episode 0 has .*stamp 'None'")


def test_statistics_are_not_read(folder: Path) -> None:
    """Their bytes in the table of episodes mean nothing here."""
    group = pq.read_metadata(folder / EPISODES).row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    (found,) = (column for column in columns if column.path_in_schema.startswith("stats/"))
    data = bytearray((folder / EPISODES).read_bytes())
    first = found.dictionary_page_offset or found.data_page_offset
    data[first : first + found.total_compressed_size] = b"\xff" * found.total_compressed_size
    (folder / EPISODES).write_bytes(data)
    with pytest.raises(OSError, match="page"):
        pq.read_table(folder / EPISODES)
    assert opened(folder).lengths().tolist() == list(others.LENGTHS)


def test_a_fingerprint_changes_with_each_table(folder: Path) -> None:
    found = [opened(folder).fingerprint()]
    change(folder, EPISODES, lambda rows: rows.rename(columns={f"stats/{others.KEY}/mean": "x"}))
    found.append(opened(folder).fingerprint())
    others.write_tasks(folder, pandas.DataFrame({"task_index": [0, 1]}, ["open", "close"]))
    found.append(opened(folder).fingerprint())
    change_info(folder, more=1)
    found.append(opened(folder).fingerprint())
    assert len(set(found)) == 4 and opened(folder).fingerprint() == found[-1]
