from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from longhaul.errors import ConfigError
from longhaul.policies.mgdm.memory import short_term
from longhaul.policies.mgdm.memory.short_term import (
    TIE_BITS,
    ShortTermMemory,
    memory_weights,
    pool,
    pooled_entropies,
)
from tests.shared import golden

EPSILON = 1e-10
"""What the published code adds before each logarithm."""


def pooled_at(rows, place):
    """The published rule, a list at a time."""
    rows = list(rows)
    if place == 0:
        return [(rows[0] + rows[1]) / 2, *rows[2:]]
    if place == len(rows) - 1:
        return [*rows[:-2], (rows[-2] + rows[-1]) / 2]
    left, middle, right = rows[place - 1 : place + 2]
    return [*rows[: place - 1], (left + middle) / 2, (middle + right) / 2, *rows[place + 2 :]]


def entropies_one_by_one(shares):
    found = []
    for place in range(len(shares)):
        flat = np.concatenate(pooled_at(shares, place)).astype(float)
        flat = flat / flat.sum()
        found.append(-(flat * np.log2(flat + EPSILON)).sum())
    return np.array(found)


def shares_of(generator, count, width=4, sharpness=1.0):
    return generator.dirichlet(np.full(width, sharpness), count)


@pytest.mark.golden
def test_pooling_is_the_official_one():
    for case in json.loads(golden("mgdm_stm.json").read_text())["sequences"]:
        memory = ShortTermMemory(case["capacity"])
        events = []
        for number, (share, seen) in enumerate(zip(case["history"], case["visual"], strict=True)):
            before = np.concatenate([memory.confidence, [share]]) if len(memory) else None
            place = memory.push(share, share, seen)
            if place is not None:
                entropies = np.sort(pooled_entropies(before))
                gap = entropies[1] - entropies[0]
                events.append((number, place, entropies[0], gap))
        expected = [
            (e["push"], e["index"], e["entropy"], e["gap_to_second"]) for e in case["pool_events"]
        ]
        assert [e[:2] for e in events] == [e[:2] for e in expected], case["sequence"]
        # The official ones are float32: 6 bits are given to 5e-7, and so are their differences.
        np.testing.assert_allclose(
            [e[2] for e in events], [e[2] for e in expected], rtol=1e-6, atol=0
        )
        np.testing.assert_allclose([e[3] for e in events], [e[3] for e in expected], atol=4e-6)
        assert len(memory) == case["final_length"]
        np.testing.assert_allclose(memory.h, case["final_history"], atol=1e-6)
        np.testing.assert_allclose(memory.visual, case["final_visual"], atol=1e-6)


@pytest.mark.parametrize(
    ("shares", "entropies", "place"),
    [
        ([[0.9], [0.4], [0.5], [0.95], [0.3]], [1.8861, 1.876814, 1.884835, 1.944004, 1.933395], 1),
        (
            [[0.7, 0.1, 0.1, 0.1], [0.25] * 4, [0.1, 0.6, 0.2, 0.1], [0.05, 0.9, 0.03, 0.02]],
            [2.924561, 3.03056, 3.064845, 3.101862],
            0,
        ),
    ],
)
def test_entropies_of_the_official_code(shares, entropies, place):
    np.testing.assert_allclose(pooled_entropies(np.array(shares)), entropies, atol=1e-6)
    memory = ShortTermMemory(len(shares) - 1)
    assert [memory.push([0.0], share, [0.0]) for share in shares][-1] == place


@given(
    shares=st.tuples(st.integers(2, 24), st.integers(1, 6)).flatmap(
        lambda shape: arrays(float, shape, elements=st.floats(0, 1, width=16))
    )
)
def test_entropies_are_those_of_each_pooled_list(shares):
    shares[:, 0] += 0.01
    np.testing.assert_allclose(
        pooled_entropies(shares), entropies_one_by_one(shares), atol=shares.size * 2e-10
    )
    for place in range(len(shares)):
        np.testing.assert_array_equal(pool(shares, place), pooled_at(shares, place))


def test_long_sequences_do_not_drift():
    generator = np.random.default_rng(7)
    sharp, even = shares_of(generator, 10_000, 4, 0.05), shares_of(generator, 10_000, 4, 20.0)
    shares = np.where(generator.random((10_000, 1)) < 0.5, sharp, even)
    seen = generator.standard_normal((10_000, 3))
    memory, kept, views = ShortTermMemory(20), [], []
    for share, view in zip(shares, seen, strict=True):
        place = memory.push(share, share, view)
        kept, views = [*kept, share], [*views, view]
        if len(kept) > 20:
            entropies = entropies_one_by_one(np.array(kept))
            assert place is not None
            assert entropies[place] <= entropies.min() + 2 * TIE_BITS + 80 * EPSILON
            kept, views = pooled_at(kept, place), pooled_at(views, place)
    np.testing.assert_allclose(memory.confidence, kept, atol=1e-12)
    np.testing.assert_allclose(memory.visual, views, atol=1e-12)
    np.testing.assert_allclose(memory.confidence.sum(1), 1, atol=1e-12)


def test_of_equal_places_the_first_is_pooled():
    memory = ShortTermMemory(6)
    rows = np.array([0.3, 0.2, 0.4, 0.1])
    assert {memory.push(rows, rows, rows) for _ in range(500)} == {None, 0}
    np.testing.assert_allclose(memory.h, np.tile(rows, (6, 1)))


def test_a_push_takes_logarithms_of_each_row_twice_only(monkeypatch):
    taken = []
    counted = short_term.xlogy
    monkeypatch.setattr(short_term, "xlogy", lambda x, y: (taken.append(x.size), counted(x, y))[1])
    for capacity in (10, 100, 1000):
        memory = ShortTermMemory(capacity)
        for share in shares_of(np.random.default_rng(0), capacity + 1):
            taken.clear()
            memory.push(share, share, share)
        assert sum(taken) == 4 * (2 * capacity + 1)


def test_scalar_pools_by_the_likeliest_action_alone():
    shares = [[0.9, 0.1], [0.6, 0.4], [0.5, 0.5], [0.95, 0.05], [0.7, 0.3]]
    memory = ShortTermMemory(4, "scalar")
    places = [memory.push(share, share, share) for share in shares]
    expected = int(entropies_one_by_one(np.max(shares, 1, keepdims=True)).argmin())
    assert places == [None] * 4 + [expected]
    np.testing.assert_allclose(memory.h, pooled_at(np.array(shares), expected))
    assert memory.confidence.shape == (4, 1)


def test_fifo_keeps_the_last_and_none_nothing():
    queue, nothing = ShortTermMemory(3, "fifo"), ShortTermMemory(3, "none")
    for step in range(10):
        assert queue.push([step], 1.0, [2 * step]) == (None if step < 3 else 0)
        assert nothing.push([step], 1.0, [2 * step]) is None
    assert queue.h[:, 0].tolist() == [7, 8, 9] and queue.visual[:, 0].tolist() == [14, 16, 18]
    assert len(nothing) == 0 and nothing.h.shape[0] == nothing.steps.shape[0] == 0


@given(capacity=st.integers(3, 30), count=st.integers(1, 400))
def test_uniform_spreads_over_the_whole_episode(capacity, count):
    memory = ShortTermMemory(capacity, "uniform")
    for step in range(count):
        memory.push([step], 1.0, [step])
    steps = memory.h[:, 0]
    assert steps[0] == 0 and steps[-1] == count - 1 and len(steps) == min(count, capacity)
    even = max((count - 1) / (capacity - 1), 1)
    assert all(1 <= gap <= 2 * even for gap in np.diff(steps))
    np.testing.assert_array_equal(memory.steps, steps)


@pytest.mark.parametrize("mode", ["entropy", "scalar", "fifo", "uniform"])
def test_weights_give_the_memory_of_a_whole_trajectory_with_gradients(mode):
    generator = np.random.default_rng(3)
    shares, features = shares_of(generator, 60), generator.standard_normal((60, 5))
    weights = torch.from_numpy(memory_weights(shares, 8, mode)).double()
    learned = torch.tensor(features, requires_grad=True)
    rows = weights @ learned
    memory = ShortTermMemory(8, mode)
    for step in range(60):
        memory.push(features[step], shares[step], features[step])
        held = rows[step, : len(memory)].detach().numpy()
        np.testing.assert_allclose(held, memory.h, atol=1e-5)
        assert not rows[step, len(memory) :].any()
    rows[-1].sum().backward()
    assert learned.grad is not None and learned.grad.sum() == pytest.approx(8 * 5, abs=1e-4)


def test_without_a_memory_weights_are_zero():
    assert not memory_weights(shares_of(np.random.default_rng(0), 5), 4, "none").any()


def test_rows_keep_their_type_and_a_cleared_memory_begins_anew():
    memory = ShortTermMemory(2)
    for step in range(5):
        memory.push(np.full(3, step, np.float32), [0.5, 0.5], np.zeros(2, np.float32))
    assert memory.h.dtype == memory.visual.dtype == np.float32
    memory.clear()
    for step in (0, 1, 2):
        memory.push([step], [0.5, 0.5], np.zeros(7))
    assert memory.h.tolist() == [[0.5], [2.0]] and memory.steps.tolist() == [0.5, 2.0]


@pytest.mark.parametrize("share", [[-0.1, 1.1], [0.0, 0.0], [float("nan"), 1.0], [np.inf, 1.0]])
def test_a_confidence_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="must be finite, >= 0 and not all zero"):
        ShortTermMemory(2).push([0.0], share, [0.0])


def test_what_cannot_be_is_said_in_one_line():
    with pytest.raises(ConfigError, match=r"short_term.mode=lifo.*entropy, scalar, fifo"):
        ShortTermMemory(mode="lifo")
    with pytest.raises(ConfigError, match=r"short_term.capacity=1: it takes 2 rows or more"):
        ShortTermMemory(1)
    memory = ShortTermMemory()
    memory.push([0.0], 1.0, [0.0])
    with pytest.raises(ValueError):
        memory.push([0.0, 0.0], 1.0, [0.0])
