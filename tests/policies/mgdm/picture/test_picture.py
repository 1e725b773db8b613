"""The picture of an episode shows what the policy really saw, remembered and decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from longhaul.commands.mgdm_picture import main, run_episode
from longhaul.envs.episode import SubtaskOutcome
from longhaul.policies.mgdm.memory.short_term import memory_weights
from longhaul.policies.mgdm.picture.captions import outcome_text
from longhaul.policies.mgdm.picture.draw import SHOWN_STEPS, shown_steps
from longhaul.policies.mgdm.picture.labels import Labels
from longhaul.policies.mgdm.picture.timelines import spans
from longhaul.policies.mgdm.picture.trace import Trace, TracedStep
from longhaul.policies.policy import Batch, Start
from tests.conformance.catalog import build, load, open_env

STEPS = 24
SMALL = ("policy.architecture=small",)
"""Without the shipped weights: what is drawn depends on no training."""


@pytest.fixture(scope="module")
def task() -> Any:
    return open_env("lhvln", episodes=1, policy=load("policy", "mgdm"))


def test_a_trace_holds_what_the_policy_remembers_and_changes_nothing(task: Any) -> None:
    env, episode = task.make_env(), task.episodes[0]
    watched, plain = (
        build("mgdm", task, 1, architecture="small", decision="network") for _ in range(2)
    )
    trace: Trace = watched.trace()  # type: ignore[attr-defined]
    seen, info = env.reset(options={"episode": episode})
    for policy in (watched, plain):
        policy.reset([0], [Start(episode.id, episode.seed, info["instruction"])])
    for step in range(STEPS):
        batch = Batch((0,), {name: rows[None] for name, rows in seen.items()})
        action = int(watched.act(batch)[0])  # type: ignore[arg-type]
        assert action == plain.act(batch)[0]  # type: ignore[index]
        traced = trace.steps[-1]
        assert len(trace.steps) == step + 1 and traced.action == action
        assert 0 <= traced.value <= 1 and (traced.pose == seen["pose"]).all()
        assert traced.thought.startswith(f"Subtask {traced.subtask + 1} of ")
        seen, _, *ends, info = env.step(action)
        if any(ends):
            break
    kept: Any = watched._slots[0].memory.rows  # type: ignore[attr-defined]
    rows = trace.memory()[-1] @ np.arange(len(trace.steps))
    assert rows[: len(kept)] == pytest.approx(kept.steps, abs=1e-3)


@pytest.mark.parametrize("decision", ["rule", "network"])
def test_an_episode_is_drawn_with_its_true_targets(
    decision: str, task: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "episode.png"
    asked = ["policy=mgdm", "env=lhvln", "env.max_steps=12", "device=cpu", "--out", str(out)]
    assert main([*asked, *SMALL, f"policy.decision={decision}"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    with Image.open(out) as picture:
        assert picture.width == 1600 and len(picture.convert("L").getcolors()) > 100
    env, episode = task.make_env(), task.episodes[0]
    env.unwrapped._limit = 3
    trace, scene = run_episode(
        env, episode, build("mgdm", task, 1, architecture="small", decision=decision)
    )  # type: ignore[arg-type]
    assert len(trace.steps) == len(scene.views) <= 3
    assert [len(middles) > 0 for middles in scene.targets] == [True] * len(episode.subtasks)
    simulator, _ = env.unwrapped._running()
    middles = {o.center for o in simulator.objects if o.category == first_category(episode)}
    assert {tuple(middle) for middle in scene.targets[0]} <= middles


def first_category(episode: Any) -> str:
    return str(episode.subtasks[0].goal["category"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["policy=random", "env=calvin"], "a picture shows MGDM's map and memory: policy=mgdm"),
        (
            ["policy=mgdm", "env=lhvln", *SMALL, "--episode=none"],
            "--episode=none is unknown; valid: ",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_line(
    arguments: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "episode.png"
    assert main([*arguments, "device=cpu", "episodes=2", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert line in error and error.count("\n") == 1 and not out.exists()


def test_a_row_holds_the_steps_of_which_it_is_the_mean() -> None:
    weights = np.zeros((1, 3, 6), np.float32)
    weights[0, 0, 0] = 1
    weights[0, 1, 1:5] = 0.25
    assert spans(weights)[0] == pytest.approx([1, 4, 4, 4, 4, np.nan], nan_ok=True)


@given(st.integers(2, 6), st.integers(1, 20))
def test_a_fifo_memory_holds_the_latest_steps(capacity: int, steps: int) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(4), steps)
    found = spans(memory_weights(shares, capacity, "fifo"))
    for time, row in enumerate(found):
        known = np.flatnonzero(np.isfinite(row)).tolist()
        assert known == list(range(max(time + 1 - capacity, 0), time + 1))
        assert (row[known] == 1).all()


def moving(poses: np.ndarray) -> Trace:
    trace = Trace("fifo", 5, "p(stop)")
    nothing = np.ones(4, np.float32) / 4
    trace.steps = [TracedStep(pose, 0, 0.0, 0.5, nothing, None, "", 2) for pose in poses]
    return trace


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_shown_steps_are_spread_over_the_path(steps: int, seed: int) -> None:
    poses = np.cumsum(np.random.default_rng(seed).uniform(0, 0.25, (steps, 4)), 0)
    shown = shown_steps(moving(poses.astype(np.float32)))
    assert 1 <= len(shown) <= SHOWN_STEPS and shown == sorted(set(shown))
    assert shown[0] >= 0 and shown[-1] < steps
    assert shown_steps(moving(np.zeros((steps, 4), np.float32))) == [0]


def test_a_step_is_not_shown_for_standing_still() -> None:
    """The whole path lies in the first 8 steps of 100."""
    poses = np.zeros((100, 4), np.float32)
    poses[:, 0] = np.minimum(np.arange(100), 8)
    assert shown_steps(moving(poses)) == [1, 3, 5, 7]


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=25))
@settings(deadline=None, max_examples=20)
def test_words_never_overlap(points: list[tuple[float, float]]) -> None:
    figure = Figure(figsize=(3, 3), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 10), ylim=(10, 0))
    labels = Labels(axes)
    written = sum(labels.put(f"thing {n}", x, y, 3, {}) for n, (x, y) in enumerate(points))
    assert written == len(axes.texts)
    boxes = [text.get_window_extent() for text in axes.texts]
    for number, box in enumerate(boxes):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= 300 and box.y1 <= 300
        for other in boxes[:number]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            up = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across < 0.5 or up < 0.5


@pytest.mark.parametrize(
    ("outcome", "stopped", "words"),
    [
        ({}, False, "never begun"),
        ({"success": True, "end_step": 30}, True, "✓ reached after 20 steps, 0.4 m from it"),
        ({"end_step": 30}, True, "✗ missed after 20 steps, 0.4 m from it"),
        ({"end_step": 30}, False, "time ran out after 20 steps, 0.4 m from it"),
    ],
)
def test_an_outcome_in_words(outcome: dict[str, Any], stopped: bool, words: str) -> None:
    begun = {"started": True, "start_step": 10, "measures": {"geodesic_end": 0.4}}
    made = SubtaskOutcome("a", 5, **({**begun, **outcome} if outcome else {}))
    assert outcome_text(made, stopped) == words
