"""Labeled views against what the simulator says that it drew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.configs.navigation import with_dataset
from longhaul.demos.open import open_source
from longhaul.demos.source import NO_NAME, ROOM_PREFIX
from longhaul.envs.lhvln.dataset import Dataset
from longhaul.envs.lhvln.scene import load_scene
from longhaul.navgen import views
from longhaul.navgen.houses.export import write_house
from longhaul.navgen.views import BLOCK_PX, HouseViews, blocks, draw_views, main, names_of
from tests.navgen.houses.made import small_house

SIZE = 64


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views") / "small"
    write_house(small_house(), folder)
    return folder


@pytest.fixture(scope="module")
def dataset() -> str:
    found: str = with_dataset({"dataset": "builtin:small"})["dataset"]
    return found


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), kinds=st.integers(1, 6))
def test_a_block_shows_what_most_of_its_pixels_do(seed: int, kinds: int) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, kinds, (2 * BLOCK_PX, 3 * BLOCK_PX)).astype(np.int32)
    weights = rng.integers(1, 5, kinds)
    found = blocks(ids, weights)
    assert found.shape == (2, 3)
    for (row, column), shown in np.ndenumerate(found):
        block = ids[
            row * BLOCK_PX : (row + 1) * BLOCK_PX, column * BLOCK_PX : (column + 1) * BLOCK_PX
        ]
        counts = np.bincount(block.ravel(), minlength=kinds) * weights
        assert counts[shown] == counts.max()


def test_labels_are_those_of_the_things_that_are_drawn(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each block the name is that of a thing in it, and the room that thing's."""
    drawn: list[np.ndarray] = []

    def spy(ids: np.ndarray, weights: np.ndarray) -> Any:
        drawn.append(ids)
        return blocks(ids, weights)

    monkeypatch.setattr(views, "blocks", spy)
    sentences = tuple(s for s in names_of([house]) if s != "rug")  # a name that is not known
    rgb, depth, things, rooms = draw_views(HouseViews(house, 0, 12, SIZE, 0.5, 3, sentences))
    assert rgb.shape == (36, SIZE, SIZE, 3) and depth.dtype == np.float16 and (depth > 0).all()
    assert things.shape == rooms.shape == (36, SIZE // BLOCK_PX, SIZE // BLOCK_PX)
    scene = load_scene(house)
    called = {o.id: o.category for o in scene.objects}
    stands = {o.id: {r.id: r.name for r in scene.rooms}.get(o.room, "") for o in scene.objects}
    named, nameless = {*sentences, ""}, set()
    for ids, thing, room in zip(drawn, things, rooms, strict=True):
        for (row, column), number in np.ndenumerate(thing):
            block = ids[
                row * BLOCK_PX : (row + 1) * BLOCK_PX, column * BLOCK_PX : (column + 1) * BLOCK_PX
            ]
            within = np.unique(block).tolist()
            if number == NO_NAME:
                nameless |= {called.get(i, "") for i in within if called.get(i, "") not in named}
                continue
            said, where = sentences[number], room[row, column]
            alike = [i for i in within if called.get(i) == said]
            assert alike and not said.startswith(ROOM_PREFIX)
            place = "" if where == NO_NAME else sentences[where].removeprefix(ROOM_PREFIX)
            assert where == NO_NAME or sentences[where].startswith(ROOM_PREFIX)
            assert place in {stands[i] for i in alike}
    assert nameless == {"rug"}
    shown = {sentences[n] for n in np.unique(things[things != NO_NAME])}
    assert {"sofa", "wall", "floor", "bed", "fridge"} <= shown
    assert (rooms != NO_NAME).mean() > 0.3


def test_small_things_are_looked_at_from_near(house: Path) -> None:
    """The house has one: a vase."""
    sentences = names_of([house])
    seen = []
    for near in (0.0, 1.0):
        things = draw_views(HouseViews(house, 0, 30, SIZE, near, 1, sentences))[2]
        seen.append((things[1::3] == sentences.index("vase")).any((1, 2)).mean())
    assert seen[1] > 0.7 and seen[1] > seen[0] + 0.3


def test_the_same_seed_gives_the_same_views(house: Path) -> None:
    sentences = names_of([house])
    one, again, other, another = (
        draw_views(HouseViews(house, number, 2, 32, 0.5, seed, sentences))
        for number, seed in ((0, 0), (0, 0), (0, 1), (1, 0))
    )
    for mine, same in zip(one, again, strict=True):
        np.testing.assert_array_equal(mine, same)
    assert not np.array_equal(one[0], other[0]) and not np.array_equal(one[0], another[0])


def test_the_command_writes_a_dataset_of_arrays(dataset: str, tmp_path: Path) -> None:
    """It holds the views of each house of a split, in the houses' order."""
    sizes = ["--places", "1", "--size", "32", "--workers", "1"]
    assert main([dataset, str(tmp_path / "views"), *sizes]) == 0
    houses = sorted({e.start["scene"] for e in Dataset(Path(dataset)).episodes("train")})
    source: Any = open_source(tmp_path / "views")
    cache = source.cache({"rgb": 32, "thing": None})
    assert list(cache.ids) == houses and source.lengths().tolist() == [3] * len(houses)
    folders = [Path(dataset) / "scenes" / name for name in houses]
    assert cache.sentences == names_of(folders)
    rgb, _, things, _ = draw_views(HouseViews(folders[0], 0, 1, 32, 0.5, 0, cache.sentences))
    np.testing.assert_array_equal(cache.pictures["rgb"][:3], rgb)
    np.testing.assert_array_equal(cache.pictures["thing"][:3], things)


def test_a_wrong_size_and_a_folder_that_is_there_are_one_line(
    dataset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for arguments, message in (
        (["new", "--size", "30"], "--size 30 must be a multiple of 4"),
        (["full"], "full is there already, and not empty"),
    ):
        assert main([dataset, str(tmp_path / arguments[0]), *arguments[1:]]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1 and message in lines[0]
