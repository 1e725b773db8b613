"""Where no split is asked for, no policy is evaluated in houses in which it, or the shipped one,
learned."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from longhaul.configs.filling import CONFIG_FOLDER
from longhaul.configs.navigation import DATASET_SEED, DATASET_SIZES
from longhaul.envs.lhvln.dataset import Dataset
from longhaul.envs.lhvln.env import LhVlnEnv
from longhaul.navgen.fill import _seed
from longhaul.navgen.generate import generate, split_of
from longhaul.policies.checkpoint import read_trained_on
from longhaul.policies.mgdm.checkpoint import SHIPPED
from tests.chaos.test_datasets import build
from tests.navgen.test_generate import order

SCRIPT = Path(__file__).parents[3] / "scripts" / "train_mgdm.sh"


def learned_in() -> dict[int, int]:
    """Return the houses that train_mgdm.sh makes: their number by the generator's seed."""
    lines = re.findall(r"^houses .*? houses=(\d+) .*?seed=(\d+)", SCRIPT.read_text(), re.M)
    return {int(seed): int(houses) for houses, seed in lines}


def test_the_shipped_weights_say_the_houses_of_the_script() -> None:
    said = {f"NavGen's houses 0 to {n - 1} of seed {seed}" for seed, n in learned_in().items()}
    assert set(read_trained_on(SHIPPED)["scenes"]) == said and len(said) == 2


def test_houses_of_the_built_in_datasets_and_of_the_default_seed_are_others() -> None:
    """A house is made from its own seed, which depends on the generator's and on its number."""
    learned = {_seed(seed, index) for seed, n in learned_in().items() for index in range(n)}
    assert len(learned) == sum(learned_in().values()) == 290
    default = yaml.safe_load((CONFIG_FOLDER / "generate.yaml").read_text())["seed"]
    most = max(houses for houses, _ in DATASET_SIZES.values())
    for seed, houses in ((DATASET_SEED, most), (default, 2000)):
        assert not learned & {_seed(seed, index) for index in range(houses)}
    assert np.isin(list(learned_in()), (DATASET_SEED, default)).sum() == 0


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_by_default_houses_are_those_that_are_held_out(seed: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generate(order(out, build=build, houses=10, tasks=10, seed=seed))
    splits = LhVlnEnv(str(out), observations=("pose",)).conventions.splits
    assert splits == ("test", "all", "train", "val")
    houses = {int(e.start["scene"][-4:]) for e in Dataset(out).episodes(splits[0])}
    assert houses == {8, 9} and {split_of(index) for index in houses} == {"test"}


def test_the_built_in_datasets_are_evaluated_whole(tmp_path: Path) -> None:
    generate(order(tmp_path / "out", build=build, houses=10, tasks=10, seed=DATASET_SEED))
    env = LhVlnEnv(str(tmp_path / "out"), observations=("pose",))
    assert env.conventions.splits == ("all", "train", "val", "test")
    assert env.conventions.training == "train"


def test_few_houses_of_which_none_is_held_out_are_all_taken(tmp_path: Path) -> None:
    generate(order(tmp_path / "out", build=build, houses=2, tasks=2))
    env = LhVlnEnv(str(tmp_path / "out"), observations=("pose",))
    assert env.conventions.splits[0] == "all"
