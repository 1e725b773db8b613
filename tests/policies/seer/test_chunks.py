"""Which predicted action is executed when, on hand-made predictions."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.errors import ConfigError
from longhaul.policies.seer.chunks import Chunks, require_valid


def run(chunks: Chunks, steps: int, inv: int = 3) -> list[np.ndarray]:
    """Action i of the prediction made at step t is filled with t + i / 10; the gripper is open
    with probability 1 in predictions of even steps, and 0 in those of odd ones."""
    actions = []
    for step in range(steps):
        if chunks.due:
            arm = np.stack([np.full(6, step + i / 10) for i in range(inv)])
            chunks.add(arm, np.full(inv, float(step % 2 == 0)))
        actions.append(chunks.next())
    return actions


def test_by_default_the_first_action_of_every_prediction() -> None:
    actions = run(Chunks(3, 1, False), 4)
    assert [action[0] for action in actions] == [0, 1, 2, 3]
    assert [action[6] for action in actions] == [1, -1, 1, -1]
    assert actions[0].dtype == np.float32 and actions[0].shape == (7,)


def test_replan_executes_a_prediction_open_loop() -> None:
    actions = run(Chunks(3, 2, False), 5)
    np.testing.assert_allclose([action[0] for action in actions], [0, 0.1, 2, 2.1, 4], rtol=1e-6)


def test_ensemble_weighs_the_oldest_most() -> None:
    actions = run(Chunks(3, 1, True), 4)
    weights = np.exp(-0.01 * np.arange(3))
    assert actions[0][0] == 0
    assert actions[1][0] == pytest.approx(np.average([0.1, 1.0], weights=weights[:2]))
    assert actions[3][0] == pytest.approx(np.average([1.2, 2.1, 3.0], weights=weights))
    assert [action[6] for action in actions] == [1, 1, 1, -1]


def test_ensemble_forgets_beyond_the_chunk_and_after_clear() -> None:
    chunks = Chunks(2, 1, True)
    actions = run(chunks, 4)
    assert actions[3][0] == pytest.approx(np.average([2.1, 3.0], weights=np.exp([0, -0.01])))
    chunks.clear()
    assert run(chunks, 1)[0][0] == 0


@pytest.mark.parametrize(("chunk", "replan"), [(0, 1), (4, 1), (2, 3), (3, 0)])
def test_impossible_values_name_the_valid_ones(chunk: int, replan: int) -> None:
    with pytest.raises(ConfigError, match=r"valid: 1\.\."):
        require_valid(chunk, replan, inv=3)
