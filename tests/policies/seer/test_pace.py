"""Actions at another rate than the demonstrations': split, joined, or refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from longhaul.errors import ConfigError
from longhaul.policies.seer.observed import CALVIN_REQUIREMENT, LIBERO_REQUIREMENT
from longhaul.policies.seer.pace import Pace, join

assert CALVIN_REQUIREMENT.action is not None and LIBERO_REQUIREMENT.action is not None
CALVIN, LIBERO = CALVIN_REQUIREMENT.action, LIBERO_REQUIREMENT.action
MOTIONS = [
    np.array([0.3, -0.2, 0.1, 0.4, 0.1, -0.3, -1.0], np.float32),
    np.array([0.2, 0.5, -0.1, -0.2, 0.3, 0.1, 1.0], np.float32),
]


def played(pace: Pace, steps: int) -> list[np.ndarray]:
    """Return the env's actions of some steps; the network's are MOTIONS in turn."""
    done, given = [], 0
    for _ in range(steps):
        if pace.due:
            pace.take([MOTIONS[(given + i) % 2] for i in range(pace.joined)])
            given += pace.joined
        done.append(pace.next())
    return done


def test_the_same_rate_changes_no_bit() -> None:
    for action, expected in zip(played(Pace(CALVIN, 30.0), 4), MOTIONS * 2, strict=True):
        np.testing.assert_array_equal(action, expected)


def test_a_faster_env_gets_equal_parts_and_the_same_gripper() -> None:
    done = played(Pace(CALVIN, 90.0), 6)
    for first, motion in ((0, MOTIONS[0]), (3, MOTIONS[1])):
        parts = np.stack(done[first : first + 3])
        np.testing.assert_allclose(parts.sum(0)[:6], motion[:6], atol=1e-6)
        assert (parts[:, 6] == motion[6]).all() and np.ptp(parts, axis=0).max() == 0
    turns = [Rotation.from_rotvec(a[3:6] * 0.5) for a in played(Pace(LIBERO, 40.0), 2)]
    whole = Rotation.from_rotvec(MOTIONS[0][3:6] * 0.5)
    assert (turns[1] * turns[0] * whole.inv()).magnitude() < 1e-6


def test_a_slower_env_gets_the_motions_one_after_the_other() -> None:
    (joined,) = played(Pace(CALVIN, 15.0), 1)
    np.testing.assert_allclose(joined[:6], (MOTIONS[0] + MOTIONS[1])[:6], atol=1e-6)
    assert joined[6] == MOTIONS[1][6] and joined.dtype == np.float32
    (joined,) = played(Pace(LIBERO, 10.0), 1)
    first, second = (Rotation.from_rotvec(motion[3:6] * 0.5) for motion in MOTIONS)
    found = Rotation.from_rotvec(joined[3:6] * 0.5)
    assert (found * (second * first).inv()).magnitude() < 1e-6
    assert (found * (first * second).inv()).magnitude() > 1e-3


def test_no_action_leaves_the_env_its_bounds() -> None:
    far = join([np.ones(7, np.float32)] * 3, CALVIN)
    assert far.tolist() == [1.0] * 7


def test_a_rounded_rate_counts_as_what_it_stands_for() -> None:
    assert Pace(replace(CALVIN, rate=29.97), 59.94).split == 2
    assert Pace(replace(CALVIN, rate=14.999), 30.0).split == 2


@pytest.mark.parametrize(("trained", "rate"), [(15.0, 20.0), (20.0, 30.0), (30.0, 50.0)])
def test_rates_that_are_no_multiples_are_refused(trained: float, rate: float) -> None:
    with pytest.raises(ConfigError, match=rf"{rate:g} Hz and the trained rate {trained:g} Hz"):
        Pace(replace(CALVIN, rate=trained), rate)


def test_what_is_left_of_an_action_is_forgotten_at_a_start() -> None:
    pace = Pace(CALVIN, 60.0)
    pace.take(MOTIONS[:1])
    pace.next()
    assert not pace.due
    pace.clear()
    assert pace.due
