"""What every policy of the suite must do, run over every YAML in configs/policy.

A row of an answer depends on its own slot's history alone: not on how many slots are asked, on
their order, or on what happens to others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.configs.build import worker_parts
from longhaul.demos.recorder import as_vector
from longhaul.envs.specs import mismatches
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.actions import check_action
from longhaul.evaluation.loop.actions import rows as split
from longhaul.evaluation.loop.task import Task
from longhaul.policies.policy import (
    EXPERT_ACTION,
    ActsAhead,
    Batch,
    Explained,
    Explains,
    Picture,
    Policy,
    Start,
    Weights,
    declared,
)
from tests.conformance.catalog import build, load, names, open_env

STEPS = 4
SLOTS = (0, 1, 2)
ON_TABLETOP = ("cliport", "cliport_published", "planner")
IN_HOUSES = ("stop_only", "forward_only", "straying_expert", "navigator", "mgdm", "mgdm_dagger")
IN_A_BROWSER = ("no_op", "first_link", "web_agent")
ENV_OF = (
    dict.fromkeys(names("policy"), "calvin")
    | dict.fromkeys(ON_TABLETOP, "lohoravens")
    | dict.fromkeys(IN_HOUSES, "lhvln")
    | dict.fromkeys(IN_A_BROWSER, "videowebarena")
)


@pytest.fixture(scope="module", params=names("policy"))
def named_task(request: pytest.FixtureRequest) -> tuple[str, Task]:
    policy = load("policy", request.param)
    parts = worker_parts(policy)
    return request.param, open_env(ENV_OF[request.param], parts=parts, policy=policy)


@pytest.fixture
def make(named_task: tuple[str, Task], tmp_path: Path) -> Any:
    name, task = named_task
    options: dict[str, Any] = {}
    if name == "replay":
        options["actions"] = str(tmp_path)
        for start in starts():
            recording = np.random.default_rng(start.seed).uniform(-1, 1, (20, 7))
            recording[:, -1] = np.sign(recording[:, -1])  # the gripper's command
            np.save(tmp_path / f"{start.episode_id}.npy", recording.astype(np.float32))

    def build_one() -> Policy:
        try:
            return build(name, task, len(SLOTS), **options)
        except ConfigError as error:
            if "folder" in str(error):
                pytest.skip(f"policy={name} needs files of its own: {error}")
            raise

    return build_one


def starts() -> list[Start]:
    return [Start(f"episode-{slot}", 100 + slot, f"open the drawer {slot}") for slot in SLOTS]


def observations(task: Task) -> list[dict[str, np.ndarray]]:
    """Return for each step the observations of all slots."""
    task.observation_space.seed(3)
    steps = [[task.observation_space.sample() for _ in SLOTS] for _ in range(STEPS)]
    found = [{key: np.stack([row[key] for row in rows]) for key in rows[0]} for rows in steps]
    for arrays in found:
        if EXPERT_ACTION in arrays and task.conventions.action.gripper:
            gripper = arrays[EXPERT_ACTION][:, -1]  # an expert tells it -1 or 1
            gripper[:] = np.where(gripper < 0, -1, 1)
    return found


def roll(policy: Policy, task: Task, groups: list[tuple[int, ...]]) -> list[list[Any]]:
    """Return each step's actions by slot when each step asks these groups of slots in turn."""
    policy.reset(SLOTS, starts())
    answers = []
    for arrays in observations(task):
        rows: dict[int, Any] = {}
        for group in groups:
            rows_of = {key: array[list(group)] for key, array in arrays.items()}
            batch = Batch(group, declared(policy, rows_of))
            rows.update(zip(group, split(policy.act(batch), len(group)), strict=True))
        answers.append([rows[slot] for slot in SLOTS])
    return answers


def vectors(answers: list[list[Any]]) -> np.ndarray:
    """Return all actions (steps, slots, n), a dict's parts one behind the other."""
    return np.stack([[as_vector(action) for action in step] for step in answers])


def test_fits_its_env(named_task: tuple[str, Task], make: Any) -> None:
    assert mismatches(named_task[1].conventions, make().requirement) == []


def test_actions_are_valid(named_task: tuple[str, Task], make: Any) -> None:
    task = named_task[1]
    for step in roll(make(), task, [SLOTS]):
        for action in step:
            check_action(task.action_space, action, task.conventions.action)


def test_together_equals_one_by_one(named_task: tuple[str, Task], make: Any) -> None:
    together = roll(make(), named_task[1], [SLOTS])
    one_by_one = roll(make(), named_task[1], [(2,), (0,), (1,)])
    np.testing.assert_array_equal(vectors(together), vectors(one_by_one))


def test_acting_ahead_is_acting_step_by_step(named_task: tuple[str, Task], make: Any) -> None:
    ahead, plain = make(), make()
    if not isinstance(ahead, ActsAhead):
        return
    frames = observations(named_task[1])
    expected = vectors(roll(plain, named_task[1], [SLOTS]))
    ahead.reset(SLOTS, starts())
    for slot in reversed(SLOTS):
        done: list[Any] = []
        while len(done) < STEPS:
            seen = {key: array[[slot]] for key, array in frames[len(done)].items()}
            (answer,) = ahead.act_ahead(Batch((slot,), declared(ahead, seen)))
            done += split(answer, len(as_vector_rows(answer)))
        found = np.stack([as_vector(action) for action in done[:STEPS]])
        np.testing.assert_array_equal(found, expected[:, slot])


def as_vector_rows(answer: Any) -> Any:
    """Return an array whose length is the number of steps of an answer."""
    return next(iter(answer.values())) if isinstance(answer, dict) else answer


def test_explaining_changes_nothing(named_task: tuple[str, Task], make: Any) -> None:
    _, task = named_task
    watched, plain = make(), make()
    if not isinstance(watched, Explains):
        return
    for policy in (watched, plain):
        policy.reset(SLOTS, starts())
    for arrays in observations(task):
        batch = Batch(SLOTS, arrays)
        answers = [split(policy.act(batch), len(SLOTS)) for policy in (watched, plain)]
        one, other = (vectors([answer]) for answer in answers)
        np.testing.assert_array_equal(one, other)
        for slot in SLOTS:
            for name, value in watched.explain(slot).items():
                assert name and isinstance(value, Explained)
                if isinstance(value, Picture):
                    assert value.image.dtype == np.uint8 and value.image.shape[2:] == (3,)
                if isinstance(value, Weights):
                    assert value.values.shape == (len(value.rows), len(value.ages))
                    assert value.even is None or value.even.shape == value.values.shape
                    assert (value.values >= 0).all() and all(age >= 0 for age in value.ages)


def test_resetting_one_slot_leaves_the_others_alone(
    named_task: tuple[str, Task], make: Any
) -> None:
    _, task = named_task
    undisturbed, disturbed = make(), make()
    for policy in (undisturbed, disturbed):
        policy.reset(SLOTS, starts())
    for step, arrays in enumerate(observations(task)):
        if step == STEPS // 2:
            disturbed.reset([1], [Start("episode-1", 7, "turn on the light")])
        answers = [policy.act(Batch(SLOTS, arrays)) for policy in (undisturbed, disturbed)]
        one, other = (vectors([split(answer, len(SLOTS))])[0] for answer in answers)
        np.testing.assert_array_equal(one[[0, 2]], other[[0, 2]])


def test_the_same_start_gives_the_same_actions(named_task: tuple[str, Task], make: Any) -> None:
    policy = make()
    first = roll(policy, named_task[1], [SLOTS])
    np.testing.assert_array_equal(vectors(first), vectors(roll(policy, named_task[1], [SLOTS])))
