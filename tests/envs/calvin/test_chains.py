"""Chains of tasks from the 1000 start states: which allow them, and what is said of the others."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.envs.calvin.chains import first_impossible, possible_starts, remark
from longhaul.envs.calvin.env import CalvinEnv
from longhaul.envs.calvin.episodes import SPLITS
from longhaul.envs.calvin.sequences import apply, sequences, start_state
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import open_task

README_CHAIN = ("open_drawer", "turn_on_led")


def test_start_states_are_those_of_the_sequences() -> None:
    assert [dict(start_state(i)) for i in range(1000)] == [dict(s.state) for s in sequences()]


def test_every_official_sequence_is_possible() -> None:
    """By the benchmark's own draw: none of the 1000 holds an impossible task."""
    for index, drawn in enumerate(sequences()):
        assert first_impossible(drawn.state, drawn.tasks) is None, index


@pytest.mark.parametrize(
    "tasks", [README_CHAIN, ("close_drawer",), ("turn_off_led", "turn_on_led", "open_drawer")]
)
def test_doors_and_lights_by_the_benchmarks_own_rules(tasks: tuple[str, ...]) -> None:
    allowed = []
    for index, drawn in enumerate(sequences()):
        state = drawn.state
        for task in tasks:
            state = state and apply(state, task)
        allowed += [index] if state else []
    assert possible_starts(tasks) == tuple(allowed)


def test_episodes_are_those_that_allow_the_chain_with_their_own_ids() -> None:
    env = CalvinEnv(chain=README_CHAIN)
    found = env.episodes("D", None, 0)
    assert 0 < len(found) < 500
    for episode in found:
        assert episode.start["symbolic"]["drawer"] == "closed"
        assert episode.start["symbolic"]["led"] == 0
        assert [task.name for task in episode.subtasks] == list(README_CHAIN)
    usual = {episode.id: episode for episode in CalvinEnv().episodes("D", None, 0)}
    assert all(usual[e.id].start == e.start and usual[e.id].seed == e.seed for e in found)
    assert env.episodes("D", 3, 0) == found[:3]
    drawn = env._drawn(np.random.default_rng(0))
    assert drawn.id in {episode.id for episode in found}


def test_what_is_left_out_is_said_with_its_reason() -> None:
    told = remark(README_CHAIN)
    left_out = 1000 - len(possible_starts(README_CHAIN))
    is_open = sum(s.state["drawer"] == "open" for s in sequences())
    assert f"is impossible in {left_out} of 1000 start states" in told and "\n" not in told
    assert f"open_drawer in {is_open} (the drawer is open)" in told
    assert f"turn_on_led after open_drawer in {left_out - is_open} (the LED is on)" in told
    task = open_task({"id": "longhaul/Calvin-v0", "chain": README_CHAIN}, {}, None, 3, 0)
    assert task.remarks == (told,)
    assert CalvinEnv().remarks(SPLITS[0]) == []


@pytest.mark.parametrize(
    ("chain", "told"),
    [
        (("turn_on_led", "turn_on_led"), r"turn_on_led after turn_on_led in .* \(the LED is on\)"),
        (("place_in_drawer",), r"place_in_drawer in 1000 \(no block is held\)"),
        (("close_drawer", "move_slider_left", "close_drawer"), "the drawer is closed"),
        (("unstack_block",), "unstack_block in 1000"),
    ],
)
def test_a_chain_that_nothing_allows_is_refused(chain: tuple[str, ...], told: str) -> None:
    with pytest.raises(ConfigError, match=rf"impossible in all 1000 start states: .*{told}"):
        CalvinEnv(chain=chain).episodes("D", 1, 0)


def test_more_episodes_than_allow_the_chain_are_refused() -> None:
    count = len(possible_starts(README_CHAIN))
    env = CalvinEnv(chain=README_CHAIN)
    assert len(env.episodes("D", count, 0)) == count
    with pytest.raises(ConfigError, match=rf"episodes={count + 1}: {count} of CALVIN's 1000"):
        env.episodes("D", count + 1, 0)


@pytest.mark.parametrize(
    "chain",
    [
        ("stack_block",),
        ("lift_red_block_table", "open_drawer"),
        ("lift_red_block_table", "open_drawer", "lift_red_block_drawer"),
        ("lift_pink_block_slider", "place_in_drawer", "lift_pink_block_drawer", "stack_block"),
    ],
)
def test_what_the_tests_of_tasks_allow_is_not_refused(chain: tuple[str, ...]) -> None:
    assert possible_starts(chain)


def test_tasks_of_ones_own_have_no_conditions() -> None:
    state = start_state(possible_starts(("open_drawer",))[0])
    assert first_impossible(state, ("hide_red",)) is None
    assert first_impossible(state, ("open_drawer", "hide_red", "open_drawer")) is None
    assert first_impossible(state, ("close_drawer", "hide_red")) == (
        "close_drawer",
        "the drawer is closed",
    )


@pytest.mark.parametrize("chain", ["open_drawer", ["open_drawer"], ("open_drawer",)])
def test_a_single_task_needs_no_brackets(chain: object) -> None:
    env = CalvinEnv(chain=chain)  # type: ignore[arg-type]
    assert [task.name for task in env.episodes("D", 1, 0)[0].subtasks] == ["open_drawer"]


def test_null_is_no_chain_and_a_number_is_none() -> None:
    usual = CalvinEnv().episodes("D", 1, 0)
    assert CalvinEnv(chain=None).episodes("D", 1, 0) == usual  # type: ignore[arg-type]
    for wrong in (5, ["open_drawer", 5], {"open_drawer": 1}):
        with pytest.raises(ConfigError, match=r"env\.chain=.* must be names in brackets"):
            CalvinEnv(chain=wrong)  # type: ignore[arg-type]


def test_a_single_observation_needs_no_brackets() -> None:
    assert CalvinEnv(observations="robot_obs").episodes("D", 1, 0)
    assert [s.name for s in CalvinEnv(observations="robot_obs").conventions.observation.states] == [
        "robot_obs"
    ]
