"""A worker's session with its env, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.evaluation.loop.buffers import SharedObservations
from longhaul.evaluation.loop.messages import Outputs, Reset, Steps
from longhaul.evaluation.loop.worker import Session
from tests.evaluation.running import EPISODES
from tests.toy import ToyEnv

STILL = Steps([np.zeros(2, np.float32)])


class Closing(ToyEnv):
    """Counts the envs that were made and those that are open."""

    made = 0
    open = 0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        Closing.made += 1
        Closing.open += 1

    def close(self) -> None:
        Closing.open -= 1


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return a session whose third episode breaks in its third step."""
    monkeypatch.setattr(Closing, "made", 0)
    monkeypatch.setattr(Closing, "open", 0)
    observations = SharedObservations(ToyEnv().observation_space, 1)
    return Session(lambda: Closing(faults={EPISODES[2].id: "raise"}), observations, 0)


def test_the_env_is_made_once_and_closed_at_the_end(session: Session) -> None:
    session.close()
    assert Closing.made == 0
    for episode in EPISODES[:2]:
        assert session.answer(Reset(episode, Outputs())).status is None
        assert session.answer(STILL).steps == 1
    assert (Closing.made, Closing.open) == (1, 1)
    session.close()
    session.close()
    assert (Closing.made, Closing.open) == (1, 0)


def test_an_env_that_failed_is_closed_and_made_anew(session: Session) -> None:
    session.answer(Reset(EPISODES[2], Outputs()))
    replies = [session.answer(STILL) for _ in range(3)]
    assert [reply.status for reply in replies] == [None, None, "error"]
    assert (Closing.made, Closing.open) == (1, 0)
    assert replies[-1].steps == 2 and replies[-1].outcomes[0].started
    after = session.answer(STILL)
    assert after.status == "error" and "a step before the first reset" in (after.error or "")
    session.answer(Reset(EPISODES[0], Outputs()))
    assert session.answer(STILL).steps == 1
    assert (Closing.made, Closing.open) == (2, 1)
    session.close()


def test_actions_are_kept_as_they_were_when_done(session: Session, tmp_path: Path) -> None:
    """Also where the caller goes on with the same array."""
    outputs = Outputs(actions=tmp_path / "actions.npy")
    reply, action = session.answer(Reset(EPISODES[0], outputs)), np.zeros(2, np.float32)
    count = 0
    while reply.status is None:
        action[1] = count / 100
        reply = session.answer(Steps([action]))
        count += 1
    assert count == reply.steps == 12 and reply.status == "timeout"
    (saved,) = [np.load(path) for path in tmp_path.iterdir()]
    np.testing.assert_allclose(np.asarray(saved)[:, 1], np.arange(12) / 100, atol=1e-6)
    session.close()
