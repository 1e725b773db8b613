"""What crashes, hangs or is killed is told apart and named, and the next episode works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from longhaul.envs.episode import Episode
from longhaul.envs.text import encode
from longhaul.envs.videowebarena.conventions import ACTION_BYTES
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.errors import LostError
from longhaul.evaluation.loop.buffers import SharedObservations
from longhaul.evaluation.loop.messages import Outputs, Reset, Steps
from longhaul.evaluation.loop.worker import Session
from longhaul.webagents.errors import PageHangError

SCROLL = encode("action", "scroll [down]", ACTION_BYTES)


@pytest.fixture(scope="module")
def env() -> Iterator[VideoWebArenaEnv]:
    made = VideoWebArenaEnv(hang_s=60.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def episode(env: VideoWebArenaEnv) -> Episode:
    return env.episodes("test", 1, seed=0)[0]


def spin(env: VideoWebArenaEnv) -> None:
    """Have the page compute for ever, and let it be noticed soon."""
    env._running()[0].tab.page.evaluate("setTimeout(() => { while (true) {} }, 10)")
    env._hang_s = 3.0


def crash(env: VideoWebArenaEnv) -> None:
    """Have the renderer process abort while the page is asked for something."""
    tab = env._running()[0].tab
    tab.cdp.send("Page.crash")


def kill_renderer(env: VideoWebArenaEnv) -> None:
    """Have the system kill the page's process, as it does when memory runs out."""
    for process in psutil.Process(env._backend.browser.pid).children(recursive=True):
        if "--type=renderer" in process.cmdline():
            process.kill()


def kill_browser(env: VideoWebArenaEnv) -> None:
    os.kill(env._backend.browser.pid, signal.SIGKILL)


def kill_driver(env: VideoWebArenaEnv) -> None:
    """Kill Playwright's own process, which speaks with the browser."""
    ancestors = psutil.Process(env._backend.browser.pid).parents()
    next(process for process in ancestors if process.name().startswith("node")).kill()


def kill_sites(env: VideoWebArenaEnv) -> None:
    os.kill(env._backend.world._sites.pid, signal.SIGKILL)  # type: ignore[attr-defined]


def stop_browser(env: VideoWebArenaEnv) -> None:
    env._hang_s = 3.0
    os.kill(env._backend.browser.pid, signal.SIGSTOP)


def stop_renderer(env: VideoWebArenaEnv) -> None:
    env._hang_s = 3.0
    for process in psutil.Process(env._backend.browser.pid).children(recursive=True):
        if "--type=renderer" in process.cmdline():
            process.suspend()


def stop_sites(env: VideoWebArenaEnv) -> None:
    os.kill(env._backend.world._sites.pid, signal.SIGSTOP)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (spin, PageHangError, "did not answer for 3 s"),
        (crash, PageHangError, "a page crashed: http://shop.localhost/"),
        (kill_renderer, PageHangError, "a page crashed"),
        (kill_browser, LostError, "the browser died"),
        (kill_driver, LostError, "the browser's driver .* died"),
        (kill_sites, LostError, "the local sites' process died"),
        (stop_browser, LostError, "a process of the browser was stopped"),
        (stop_renderer, LostError, "a process of the browser was stopped"),
        (stop_sites, LostError, "the local sites' process was stopped"),
    ],
)
def test_the_error_says_what_it_was_and_the_next_episode_works(
    env: VideoWebArenaEnv,
    episode: Episode,
    harm: Callable[[VideoWebArenaEnv], None],
    error: type[Exception],
    words: str,
) -> None:
    first, _ = env.reset(options={"episode": episode})
    # A crash may be noticed by what causes it already; as in a step, that is in the guard.
    with pytest.raises(error, match=words), env._guard():
        harm(env)
        for _ in range(3):
            env.step(SCROLL)
    env._hang_s = 60.0
    with pytest.raises(RuntimeError, match="reset comes first"):
        env.step(SCROLL)
    again, _ = env.reset(options={"episode": episode})
    assert bytes(first["tree"]) == bytes(again["tree"])


def test_a_worker_reports_the_error_and_goes_on(episode: Episode) -> None:
    made: list[VideoWebArenaEnv] = []

    def make() -> Any:
        made.append(VideoWebArenaEnv())
        return made[-1]

    space = VideoWebArenaEnv().observation_space
    worker = Session(make, SharedObservations(space, 1), 0)
    assert worker.answer(Reset(episode, Outputs())).status is None
    kill_browser(made[0])
    reply = worker.answer(Steps([SCROLL]))
    assert reply.lost and "LostError: the browser died" in (reply.error or "")
    worker = Session(make, SharedObservations(space, 1), 0)  # the main process starts a new one
    assert worker.answer(Reset(episode, Outputs())).status is None and len(made) == 2
    worker.close()


WORKER = """
import os, signal
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
env = VideoWebArenaEnv()
env.reset(options={"episode": env.episodes("test", 1, 0)[0]})
print(env._backend.browser.pid, env._backend.world._sites.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_process_outlives_a_worker_that_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", WORKER], capture_output=True, text=True)
    left = [int(pid) for pid in done.stdout.split()]
    assert len(left) == 2, done.stderr
    end = time.monotonic() + 300
    while alive := [pid for pid in left if psutil.pid_exists(pid)]:
        assert time.monotonic() < end, alive
        time.sleep(0.1)
