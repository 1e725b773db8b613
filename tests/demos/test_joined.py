"""Datasets learned from as one: each window is what it was in its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from longhaul.demos.cache import build_cache
from longhaul.demos.frames import Cache
from longhaul.demos.joined import Stitched, join
from longhaul.demos.source import DatasetError, Segment, Trajectory
from longhaul.demos.windows import WINDOW_SCOPES, Windows
from tests.demos.made import MadeSource

SIZES = {"front": 16, "wrist": 16}


class Renamed(MadeSource):
    """Other trajectories, with one sentence of their own and one in common."""

    def trajectory(self, index: int) -> Trajectory:
        made = super().trajectory(index)
        segments = (
            Segment(0, 10, "pull", "pull it"),
            Segment(10, len(made), "push", "push it"),
        )
        return replace(made, id=f"renamed-{index}", segments=segments)


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> list[Cache]:
    folder = tmp_path_factory.mktemp("cache")
    return [build_cache(s, SIZES, folder) for s in (MadeSource(), Renamed((25, 33)))]


@pytest.mark.parametrize("within", WINDOW_SCOPES)
def test_windows_are_those_of_the_parts(caches: list[Cache], within: str) -> None:
    whole = Windows(join(caches), 6, within, holdout=0)
    numbers = np.arange(len(whole))
    found = whole.batch(numbers)
    parts = [Windows(cache, 6, within, holdout=0) for cache in caches]
    batches = [part.batch(np.arange(len(part))) for part in parts]
    for name in ("front", "wrist", "robot_obs", "actions", "valid"):
        np.testing.assert_array_equal(found[name], np.concatenate([b[name] for b in batches]))
    if within == "segment":
        said = [whole.cache.sentences[i] for i in found["sentence"]]
        meant = [
            cache.sentences[i]
            for cache, batch in zip(caches, batches, strict=True)
            for i in batch["sentence"]
        ]
        assert said == meant
        assert [whole.cache.tasks[i] + " it" for i in whole.tasks(numbers)] == said
    if within == "episode":
        names = [(*cache.sentences, "none") for cache in caches]
        meant = [n[i] for n, b in zip(names, batches, strict=True) for i in b["sentence"].flat]
        assert [(*whole.cache.sentences, "none")[i] for i in found["sentence"].flat] == meant
        assert {"none", "pull it", "reach it"} < set(meant)


def test_what_they_have_in_common_is_there_once(caches: list[Cache]) -> None:
    joined = join(caches)
    assert joined.sentences == ("reach it", "push it", "pull it")
    assert joined.ids == ("made-0", "made-1", "made-2", "renamed-0", "renamed-1")
    assert joined.key != join(caches[::-1]).key
    assert join(caches[:1]) is caches[0]
    frames = sum((30, 21, 40, 25, 33))
    assert joined.pictures["front"].shape == (frames, 16, 16, 3)
    assert joined.offsets.tolist() == [0, 30, 51, 91, 116, frames] and len(joined.actions) == frames


def test_rows_of_two_arrays_are_not_one_slice() -> None:
    rows = Stitched([np.arange(3), np.arange(3, 8)])
    assert [rows[i] for i in range(8)] == list(range(8))
    np.testing.assert_array_equal(rows[3:8], np.arange(3, 8))
    with pytest.raises(IndexError, match="rows 2 to 4 lie in two arrays"):
        rows[2:4]


def test_datasets_that_differ_are_refused(caches: list[Cache], tmp_path: Path) -> None:
    other = build_cache(MadeSource(), {"front": 16, "wrist": 8}, tmp_path)
    with pytest.raises(DatasetError, match="datasets differ: "):
        join([caches[0], other])
    one, state = caches[0], caches[0].states["robot_obs"]
    for other in (
        replace(one, actions=one.actions[:, :1]),
        replace(one, states={**one.states, "robot_obs": state[:, :2]}),
        replace(one, states={"robot_obs": state}),
    ):
        with pytest.raises(DatasetError, match="datasets differ: "):
            join([one, other])


def test_none_at_all_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"data.path=\[\] names no dataset"):
        join([])
