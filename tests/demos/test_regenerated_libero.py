"""LIBERO's files that were regenerated without idle frames are told from its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from longhaul.demos.open import open_source
from longhaul.demos.source import DatasetError
from tests.demos.robomimic_files import regenerated, require_rows_fit
from tests.demos.test_robomimic import NAME, libero


def test_regenerated_files_of_libero_pair_each_row_with_its_action(tmp_path: Path) -> None:
    regenerated(tmp_path / NAME, {0: 6, 3: 5, 12: 4})
    source = open_source(tmp_path)
    assert source.lengths().tolist() == [6, 5, 4]
    require_rows_fit(source, [0, 3, 12])
    assert source.trajectory(0).segments[0].instruction == "turn on the stove"
    assert source.spec.action.rate == 20


def test_raw_and_regenerated_files_may_lie_in_one_folder(tmp_path: Path) -> None:
    libero(tmp_path / "a_demo.hdf5", demos=1)
    regenerated(tmp_path / "b_demo.hdf5", {0: 6})
    with pytest.raises(DatasetError, match=r"b_demo.hdf5: .* is 16 x 16, not 128 x 128"):
        open_source(tmp_path)
    libero(tmp_path / "b_demo.hdf5", demos=1)
    with h5py.File(tmp_path / "b_demo.hdf5", "r+") as file:
        for holder in (file["data"], file["data/demo_0"]):
            for name in list(holder.attrs):
                del holder.attrs[name]
    source = open_source(tmp_path)
    assert source.lengths().tolist() == [7, 8]
    assert [source.trajectory(i).actions[0, 0] for i in range(2)] == [1, 0]


def test_in_raw_files_the_last_command_is_that_of_the_row_itself(tmp_path: Path) -> None:
    last = {"key": "actions", "index": 1, "previous": True}
    for behind in (False, True):
        regenerated(tmp_path / NAME, {0: 6}, behind=behind, moving=True)
        source = open_source(tmp_path, states={"last": [last]})
        found = source.trajectory(0).states["last"][:, 0].tolist()
        assert found == ([0, 1, 2, 3, 4] if behind else [0, 0, 1, 2, 3, 4])


def test_liberos_files_with_fewer_arrays_are_still_liberos(tmp_path: Path) -> None:
    regenerated(tmp_path / NAME, {0: 6}, behind=True, moving=True)
    with h5py.File(tmp_path / NAME, "r+") as file:
        del file["data/demo_0/obs/eye_in_hand_rgb"], file["data/demo_0/obs/ee_states"]
    source = open_source(tmp_path)
    names = ["agentview_rgb", "gripper_states", "joint_states"]
    assert list(source.spec.observation.by_name()) == names
    require_rows_fit(source, [0], ahead=1)


def mark(file: h5py.File) -> None:
    file["data/demo_0"].attrs["num_samples"] = 6


def note(file: h5py.File) -> None:
    file["data"].attrs["macros_image_convention"] = "opengl"


@pytest.mark.parametrize("noting", [None, mark, note])
@pytest.mark.parametrize("behind", [False, True])
def test_the_joints_tell_raw_files_from_regenerated_ones(
    behind: bool, noting: Callable[[h5py.File], None] | None, tmp_path: Path
) -> None:
    regenerated(tmp_path / NAME, {0: 6}, behind=behind, moving=True)
    if noting:
        with h5py.File(tmp_path / NAME, "r+") as file:
            noting(file)
    source = open_source(tmp_path)
    assert source.lengths().tolist() == [5 if behind else 6]
    require_rows_fit(source, [0], ahead=int(behind))


@pytest.mark.parametrize("noting", [mark, note])
def test_a_file_that_tells_neither_names_the_option(
    noting: Callable[[h5py.File], None], tmp_path: Path
) -> None:
    regenerated(tmp_path / NAME, {0: 6})
    with h5py.File(tmp_path / NAME, "r+") as file:
        noting(file)
    with pytest.raises(DatasetError, match="give the option shift=true or shift=false"):
        open_source(tmp_path)
    require_rows_fit(open_source(tmp_path, shift=False), [0])
