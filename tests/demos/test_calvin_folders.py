"""CALVIN's folders that lack something: what is said of them, and what the options then read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.commands.convert import main as convert
from longhaul.demos.calvin.annotations import read_annotations, write_annotations
from longhaul.demos.calvin.source import CalvinSource
from longhaul.demos.calvin.writer import write_calvin
from longhaul.demos.open import open_source
from longhaul.demos.origin import origin
from longhaul.demos.source import DatasetError
from longhaul.envs.episode import Episode
from tests.demos.made import MadeSource
from tests.demos.test_calvin import LENGTHS, TwoPlays, published


def rewritten(file: Path, without: str = "", **arrays: Any) -> None:
    with np.load(file) as frame:
        found = {name: frame[name] for name in frame.files if name != without}
    np.savez(file, **(found | arrays))


def alter_all(folder: Path, without: str = "", **arrays: Any) -> None:
    for file in folder.glob("episode_*.npz"):
        rewritten(file, without, **arrays)


@pytest.mark.parametrize("splits", [("training", "validation"), ("training",), ("validation",)])
@pytest.mark.parametrize("up", [0, 1])
def test_the_folder_above_names_the_splits_below(
    splits: tuple[str, ...], up: int, tmp_path: Path
) -> None:
    above = tmp_path / "calvin" / "task_D_D"
    for split in splits:
        (above / split).mkdir(parents=True)
        published(above / split)
    given = [above, above.parent][up]
    with pytest.raises(DatasetError, match="holds no dataset") as error:
        open_source(given)
    names = " or ".join(str(above / split) for split in splits)
    assert str(error.value).endswith(f"; give {names}")


def test_many_datasets_below_are_counted(tmp_path: Path) -> None:
    for suite in "abcde":
        (tmp_path / suite).mkdir()
        (tmp_path / suite / "task_demo.hdf5").touch()
    with pytest.raises(DatasetError) as error:
        open_source(tmp_path)
    assert str(error.value).endswith(f"or {tmp_path / 'c'} (and 2 more)")


def test_a_file_of_a_dataset_names_its_folder(tmp_path: Path) -> None:
    published(tmp_path)
    for name in ("ep_start_end_ids.npy", "lang_annotations/auto_lang_ann.npy"):
        with pytest.raises(DatasetError, match=f"it is a file: give the dataset's.* {tmp_path}$"):
            open_source(tmp_path / name)
    with pytest.raises(DatasetError, match="there is no such folder or file"):
        open_source(tmp_path / "nowhere")


@pytest.mark.parametrize("language", ["lang_clip_resnet50", "training", ".."])
def test_a_folder_of_sentences_that_is_not_there_is_named(language: str, tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "lang_paraphrase").mkdir()
    annotations = read_annotations(tmp_path / "lang_annotations" / "auto_lang_ann.npy")
    write_annotations(tmp_path / "lang_paraphrase" / "auto_lang_ann.npy", annotations)
    with pytest.raises(DatasetError) as error:
        open_source(tmp_path, language=language)
    assert f"{language}/auto_lang_ann.npy: this file of sentences is missing" in str(error.value)
    assert "valid for the option language: lang_annotations, lang_paraphrase, none" in str(
        error.value
    )
    assert len(open_source(tmp_path, language="lang_paraphrase").trajectory(0).segments) == 2
    play = open_source(tmp_path, language="none")
    assert play.lengths().tolist() == list(LENGTHS) and not play.trajectory(0).segments


def test_a_dataset_without_sentences_says_so(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "lang_annotations" / "auto_lang_ann.npy").unlink()
    said = r"lang_annotations/auto_lang_ann.npy: this file .* valid for the option language: none"
    for options in ({}, {"without_language": True}):
        with pytest.raises(DatasetError, match=said):
            open_source(tmp_path, **options)


def test_sentences_of_other_frames_are_named(tmp_path: Path) -> None:
    published(tmp_path)
    file = tmp_path / "lang_annotations" / "auto_lang_ann.npy"
    other = {"info": {"indx": [(4, 13), (120, 129)]}}  # the second one crosses two episodes
    write_annotations(file, {**read_annotations(file), **other})
    with pytest.raises(DatasetError, match=r"ann.npy: none of its 2 windows lies in an episode"):
        open_source(tmp_path)
    some = {"info": {"indx": [(4, 13), (120, 123)]}}
    write_annotations(file, {**read_annotations(file), **some})
    assert [len(open_source(tmp_path).trajectory(i).segments) for i in range(2)] == [1, 0]


def test_frames_without_their_table_are_named(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "ep_start_end_ids.npy").unlink()
    with pytest.raises(DatasetError, match=r"it holds CALVIN's frames without ep_start_end_ids"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    ("array", "options", "told"),
    [
        ("rel_actions", {}, "the option action=actions reads what is there"),
        ("actions", {"action": "actions"}, "the option action=rel_actions reads what is there"),
        ("scene_obs", {}, r"the option states=\[robot_obs\] reads what is there"),
        ("rgb_gripper", {}, r"the option cameras=\[rgb_static\] reads what is there"),
    ],
)
def test_a_missing_array_says_what_to_give(
    array: str, options: dict[str, Any], told: str, tmp_path: Path
) -> None:
    published(tmp_path)
    whole = {path.name for path in tmp_path.glob("episode_*")}
    rewritten(tmp_path / "episode_0000110.npz", without=array)
    source = CalvinSource(tmp_path, **options)
    said = f"episode_0000110.npz: there is no {array}; it holds .*; {told}"
    with pytest.raises(DatasetError, match=said):
        list(source.frames(0, array)) if array == "rgb_gripper" else source.trajectory(0)
    alter_all(tmp_path, without=array)
    with pytest.raises(DatasetError, match=f"episode_0000100.npz: there is no {array}; .*{told}"):
        CalvinSource(tmp_path, **options)
    assert len(whole) == sum(LENGTHS)


def test_the_options_read_what_is_there(tmp_path: Path) -> None:
    published(tmp_path)
    alter_all(tmp_path, without="scene_obs")
    alter_all(tmp_path, without="rgb_gripper")
    source = open_source(tmp_path, states=["robot_obs"], cameras=["rgb_static"])
    assert list(source.spec.observation.by_name()) == ["rgb_static", "robot_obs"]
    assert list(source.trajectory(1).states) == ["robot_obs"]
    for options, told in (
        ({"states": ["robot"]}, "option states=robot is unknown; did you mean robot_obs"),
        ({"cameras": "rgb_static"}, "option cameras=rgb_static is no list of names"),
        ({"cameras": 5}, "option cameras=5 is no list of names"),
        ({"states": [["robot_obs"]]}, "option states=.* is unknown"),
        ({"cameras": ["depth_static"]}, "option cameras=depth_static is unknown"),
        ({"action": "abs"}, "option action=abs is unknown"),
    ):
        with pytest.raises(DatasetError, match=told):
            open_source(tmp_path, **options)


def test_arrays_of_another_shape_are_named(tmp_path: Path) -> None:
    published(tmp_path)
    rewritten(tmp_path / "episode_0000110.npz", robot_obs=np.zeros(8))
    with pytest.raises(DatasetError, match=r"episode_0000110.npz: robot_obs is float64 of .*\(15,"):
        CalvinSource(tmp_path).trajectory(0)
    rewritten(tmp_path / "episode_0000110.npz", robot_obs=np.array(["a"] * 15))
    with pytest.raises(DatasetError, match=r"episode_0000110.npz: robot_obs is <U1 of shape"):
        CalvinSource(tmp_path).trajectory(0)
    rewritten(tmp_path / "episode_0000100.npz", rgb_static=np.zeros((200, 200, 3)))
    with pytest.raises(DatasetError, match=r"episode_0000100.npz: rgb_static .* no picture"):
        CalvinSource(tmp_path)
    np.save(tmp_path / "ep_start_end_ids.npy", np.zeros((0, 2), int))
    with pytest.raises(DatasetError, match=r"ep_start_end_ids.npy: it names no episode"):
        CalvinSource(tmp_path)
    np.save(tmp_path / "ep_start_end_ids.npy", np.array([["a", "b"]]))
    with pytest.raises(DatasetError, match=r"ep_start_end_ids.npy: no table of first and last"):
        CalvinSource(tmp_path)


def test_pictures_of_another_size_are_read_with_their_size(tmp_path: Path) -> None:
    published(tmp_path)
    alter_all(tmp_path, rgb_static=np.zeros((96, 128, 3), np.uint8))
    (static, _) = CalvinSource(tmp_path).spec.observation.cameras
    assert (static.height, static.width) == (96, 128)


class Plays(TwoPlays):
    """Two trajectories, each recorded in a scene, or in none that is known."""

    def __init__(self, folder: Path, scenes: tuple[str | None, str | None]) -> None:
        published(folder)
        super().__init__(CalvinSource(folder).spec)
        for index, scene in enumerate(scenes):
            if scene:
                episode = Episode("e", 0, "open", (), {"scene": scene})
                self.made[index] = replace(self.made[index], episode=episode)


def scene_info(folder: Path) -> dict[str, Any]:
    return read_annotations(folder / "scene_info.npy")


def test_the_scene_is_what_the_dataset_says(tmp_path: Path) -> None:
    source = Plays(tmp_path, ("A", "A"))
    write_calvin(source, tmp_path / "out")
    assert scene_info(tmp_path / "out") == {"calvin_scene_A": [0, 32]}
    back = open_source(tmp_path / "out")
    assert origin(tmp_path / "out", back)["scenes"] == ["A"]
    write_calvin(back, tmp_path / "again")  # what CALVIN's own files say is kept
    assert scene_info(tmp_path / "again") == scene_info(tmp_path / "out")
    with pytest.raises(DatasetError, match="was recorded in scene 'A', not in scene=D: leave out"):
        write_calvin(source, tmp_path / "other", "D")
    assert not (tmp_path / "other").exists()


def test_several_scenes_lie_one_after_the_other(tmp_path: Path) -> None:
    write_calvin(Plays(tmp_path, ("B", "A")), tmp_path / "out")
    assert scene_info(tmp_path / "out") == {"calvin_scene_A": [0, 8], "calvin_scene_B": [9, 32]}
    assert open_source(tmp_path / "out").lengths().tolist() == [9, 24]
    assert open_source(tmp_path / "out").trajectory(1).extra == {"scene": "B"}


def test_an_unknown_scene_has_to_be_given(tmp_path: Path) -> None:
    source = Plays(tmp_path, ("A", None))
    with pytest.raises(DatasetError, match=r"t1 does not say .*: give --scene; valid: A, B, C, D"):
        write_calvin(source, tmp_path / "out")
    write_calvin(source, tmp_path / "out", "A")
    assert scene_info(tmp_path / "out") == {"calvin_scene_A": [0, 32]}
    (tmp_path / "x").mkdir()
    with pytest.raises(DatasetError, match="CALVIN has no scene 'kitchen'; valid: A, B, C, D"):
        write_calvin(Plays(tmp_path / "x", ("kitchen", "A")), tmp_path / "no")


def test_what_conversion_needs_is_named_with_its_option(tmp_path: Path) -> None:
    source = MadeSource()
    with pytest.raises(DatasetError) as error:
        write_calvin(source, tmp_path / "out")  # type: ignore[arg-type]
    assert "CALVIN's frames hold rgb_static, rgb_gripper, the dataset does not" in str(error.value)
    assert "'env.observations=[rgb_static,rgb_gripper,robot_obs,scene_obs]'" in str(error.value)


def test_a_broken_table_of_scenes_is_named(tmp_path: Path) -> None:
    published(tmp_path)
    write_annotations(tmp_path / "scene_info.npy", {"calvin_scene_A": 3})
    with pytest.raises(DatasetError, match=r"scene_info.npy: no table of scenes"):
        CalvinSource(tmp_path)


def test_the_command_names_both_scenes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_calvin(Plays(tmp_path, ("C", "C")), tmp_path / "out")
    given = [str(tmp_path / "out"), str(tmp_path / "new"), "--to", "calvin"]
    assert convert([*given, "--scene", "D"]) == 2
    assert "was recorded in scene 'C', not in scene=D" in capsys.readouterr().err
    assert convert(given) == 0
    assert scene_info(tmp_path / "new") == {"calvin_scene_C": [0, 32]}
