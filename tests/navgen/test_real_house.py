"""A dataset of a real house: made, looked at, and solved in the builtin simulator."""

from __future__ import annotations

from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

from longhaul.envs.lhvln.dataset import Dataset
from longhaul.envs.lhvln.env import LhVlnEnv
from longhaul.envs.lhvln.navmesh.navigation import SurfaceNavigation
from longhaul.navgen.generate import Order, generate
from longhaul.navgen.houses.build import build_house
from longhaul.navgen.open import open_scene
from longhaul.navgen.sheet import contact_sheet


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("navgen") / "out"
    made = generate(Order(out, 1, 3, build_house, open_scene, seed=3, workers=1))
    assert made["tasks"] == 3 and not made["faults"]
    return out


@pytest.mark.parametrize("success", ["official", "strict"])
def test_the_expert_solves_every_task(folder: Path, success: str) -> None:
    env = LhVlnEnv(str(folder), success=success, observations=("pose",))  # type: ignore[arg-type]
    for chosen in env.episodes("all", None, 0):
        env.reset(options={"episode": chosen})
        expert, over = env.expert(), False
        while not over:
            _, _, terminated, truncated, info = env.step(expert.act())
            over = terminated or truncated
        assert all(outcome.success for outcome in info["outcomes"])
        shown = {subtask.goal["category"]: subtask.goal["objects"] for subtask in chosen.subtasks}
        for subtask, outcome in zip(chosen.subtasks, info["outcomes"], strict=True):
            assert outcome.measures["nearest"] in shown[subtask.goal["category"]]
    env.close()


def test_a_house_is_the_same_again(folder: Path, tmp_path: Path) -> None:
    (scene,) = (folder / "scenes").iterdir()
    seed = int(np.random.SeedSequence([3, 0]).generate_state(1)[0])
    build_house(seed, tmp_path / scene.name)
    for path in scene.iterdir():
        assert (tmp_path / scene.name / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_surface_is_what_a_robot_can_get_to(folder: Path) -> None:
    (scene,) = (folder / "scenes").iterdir()
    simulator = open_scene(scene)
    navigation = simulator.navigation
    assert isinstance(navigation, SurfaceNavigation)
    assert set(navigation.surface.islands.tolist()) == {0}
    beds = [thing for thing in simulator.objects if "bed" in thing.category.split()]
    assert beds
    for bed in beds:
        point = navigation.snap(bed.center)
        assert point is not None and point[1] < bed.center[1]


def test_the_contact_sheet_shows_each_task(folder: Path, tmp_path: Path) -> None:
    contact_sheet(folder, tmp_path / "sheet.png", 12)
    picture = imageio.imread(tmp_path / "sheet.png")
    cells = [half for row in np.split(picture, 2) for half in np.split(row, 2, axis=1)]
    assert len(Dataset(folder).episodes()) == 3
    assert [len(np.unique(cell)) > 50 for cell in cells] == [True, True, True, False]
