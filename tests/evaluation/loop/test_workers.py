"""Worker processes: death, hang, threads, and nothing in the file system."""

from __future__ import annotations

import functools
import os
import signal
import time
from multiprocessing import forkserver
from pathlib import Path

import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete

from longhaul.evaluation.loop.buffers import SharedObservations
from longhaul.evaluation.loop.messages import Outputs
from longhaul.evaluation.loop.workers import Workers
from tests.evaluation.running import EPISODES, ListJournal, run_toy, toy_workers, untimed
from tests.toy import ToyEnv

BROKEN = EPISODES[2].id


@pytest.mark.parametrize("fault", ["die_once", "hang_once", "lose_once"])
def test_an_episode_whose_worker_was_lost_is_attempted_once_more(
    fault: str, tmp_path: Path
) -> None:
    whole = untimed(run_toy())
    journal = ListJournal()
    records = run_toy(hang_s=2.0, faults={BROKEN: fault}, scratch=str(tmp_path), journal=journal)
    assert untimed(records) == whole
    assert journal.begun.count(BROKEN) == 2
    assert len(journal.begun) == len(EPISODES) + 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("die", "the env worker died (exit code 7)"),
        ("lose", "LostError: what stood beside the env died"),
        ("hang", "the env worker gave no answer for 2 s"),
        ("hang_in_c", "the env worker gave no answer for 2 s"),
    ],
)
def test_an_episode_that_loses_two_workers_is_an_error(fault: str, words: str) -> None:
    whole = untimed(run_toy())
    journal = ListJournal()
    records = untimed(run_toy(hang_s=2.0, faults={BROKEN: fault}, journal=journal))
    record = records.pop(BROKEN)
    assert record.status == "error" and words in (record.error or "")
    assert journal.begun.count(BROKEN) == 2
    del whole[BROKEN]
    assert records == whole


def test_a_worker_killed_in_an_episode_is_replaced() -> None:
    with toy_workers(1, step_s=30.0) as workers:
        workers.reset(0, EPISODES[0], Outputs())
        assert [reply.lost for _, reply in workers.wait()] == [False]
        workers.step(0, np.zeros(2, np.float32))
        (killed,) = workers.pids
        os.kill(killed, signal.SIGKILL)
        ((slot, reply),) = workers.wait()
        assert slot == 0 and reply.lost and "exit code -9" in (reply.error or "")
        assert workers.pids != [killed]
        workers.reset(0, EPISODES[0], Outputs())
        assert [reply.lost for _, reply in workers.wait()] == [False]


def test_a_worker_has_one_thread_beside_the_one_that_watches() -> None:
    with toy_workers(1) as workers:
        workers.reset(0, EPISODES[0], Outputs())
        workers.wait()
        status = Path(f"/proc/{workers.pids[0]}/status").read_text()
        environment = Path(f"/proc/{workers.pids[0]}/environ").read_text()
    assert "\nThreads:\t2\n" in status
    assert "OMP_NUM_THREADS=1" in environment.split("\0")


def test_closing_ends_every_worker() -> None:
    with toy_workers(2) as workers:
        workers.reset(0, EPISODES[0], Outputs())
        workers.wait()
        pids = workers.pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


class Closing(ToyEnv):
    """Leaves a file when it is closed."""

    def close(self) -> None:
        assert self._scratch is not None
        (Path(self._scratch) / f"closed-{os.getpid()}").touch()


def test_closing_lets_every_env_close(tmp_path: Path) -> None:
    make_env = functools.partial(Closing, scratch=str(tmp_path))
    with Workers(make_env, ToyEnv().observation_space, 2, 60.0, preload=["tests.toy"]) as workers:
        for slot in range(2):
            workers.reset(slot, EPISODES[slot], Outputs())
        answered = 0
        while answered < 2:
            answered += len(workers.wait())
        pids = workers.pids
    assert {path.name for path in tmp_path.iterdir()} == {f"closed-{pid}" for pid in pids}


@pytest.mark.timeout(120)
def test_closing_ends_workers_whose_fork_server_is_stopped() -> None:
    """A stopped fork server tells nobody that a worker has ended."""
    with toy_workers(2) as workers:
        pids = workers.pids
        fork_server: int = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
        os.kill(fork_server, signal.SIGSTOP)
    for pid in (*pids, fork_server):  # a killed process may still be giving its memory back
        while is_running(pid):
            time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Return whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_shared_observations_hold_any_array() -> None:
    space = Dict(
        {"a": Box(0, 255, (3, 5), np.uint8), "b": Box(-1, 1, (), np.float64), "c": Discrete(9)}
    )
    shared = SharedObservations(space, 3)
    rows = [{"a": np.full((3, 5), i, np.uint8), "b": i / 7, "c": 8 - i} for i in range(3)]
    for slot, row in enumerate(rows):
        shared.write(slot, row)
    read = shared.read([2, 0])
    np.testing.assert_array_equal(read["a"], np.stack([rows[2]["a"], rows[0]["a"]]))
    np.testing.assert_array_equal(read["b"], [2 / 7, 0])
    np.testing.assert_array_equal(read["c"], [6, 8])
    read["c"][:] = 0  # a copy: a policy may keep it while the worker goes on
    np.testing.assert_array_equal(shared.read([2, 0])["c"], [6, 8])
    shared.close()


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        ({"a": np.zeros(3, np.float32), "secret": 1}, "its space declares"),
        ({"a": np.zeros((1, 3), np.float32)}, "has shape"),
    ],
)
def test_shared_observations_refuse_what_the_space_does_not_declare(
    observation: dict, words: str
) -> None:
    shared = SharedObservations(Dict({"a": Box(-1, 1, (3,), np.float32)}), 1)
    with pytest.raises(ValueError, match=words):
        shared.write(0, observation)
    with pytest.raises(TypeError):
        shared.write(0, {"a": np.zeros(3, np.complex64)})
    shared.close()


def test_observations_must_be_a_dict_of_arrays() -> None:
    with pytest.raises(TypeError, match="must be a Dict"):
        SharedObservations(Box(-1, 1, (3,), np.float32), 1)
    with pytest.raises(TypeError, match="observation inner must be"):
        SharedObservations(Dict({"inner": Dict({})}), 1)
