"""What the machine must not decide: which examples are drawn, how wide the terminal is, what lies
in the user's folders and variables.

Subprocesses inherit all of it. A test that needs another value sets it for itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from longhaul import secrets

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A loaded machine is slow, and no property depends on how slow."""

settings.register_profile("repeatable", PATIENT, derandomize=True, database=None)
settings.register_profile("random", PATIENT, print_blob=True)
settings.load_profile("repeatable")

FIXED = {
    "COLUMNS": "1000",  # no path is as long, so that no line breaks
    "LINES": "50",
    "TERM": "dumb",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "WANDB_MODE": "offline",
    "NO_PROXY": "localhost,127.0.0.1",
    "no_proxy": "localhost,127.0.0.1",
}
"""Variables that tests and what they start see with these values."""

USERS = (
    *("LANGUAGE", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLORTERM"),
    *("PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONHASHSEED", "PYTHONSAFEPATH", "HYDRA_FULL_ERROR"),
    *("WANDB_API_KEY", "OPENAI_API_KEY"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"),
)
"""Variables that a user may have set, and that tests and what they start do not see."""

FOLDERS = ("XDG_CACHE_HOME", "MPLCONFIGDIR", "WANDB_CONFIG_DIR", "WANDB_CACHE_DIR")
"""Variables that say where programs keep what they made and how a user set them up; tests have a
new folder."""


@pytest.fixture(autouse=True)
def _nothing_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what an earlier test kept secret, which would be hidden in this one's output too."""
    monkeypatch.setattr(secrets, "_known", set())


def pytest_configure(config: pytest.Config) -> None:
    """Draw the same examples of properties in each run; `-m slow` draws new ones.

    `--hypothesis-profile` overrules both.
    """
    if config.option.markexpr == "slow":
        settings.load_profile("random")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Fix what the machine must not decide, in each process that runs tests."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter:  # pytest itself uses the terminal as it is
        reporter._tw.fullwidth = reporter._tw.fullwidth
    os.umask(0o022)
    # A shell lets what it starts in the background ignore Ctrl-C, and that is inherited.
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            handler = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, handler)
    for name in USERS:
        os.environ.pop(name, None)
    os.environ.update(FIXED)
    if not hasattr(session.config, "workerinput"):  # pytest-xdist's workers share the folder
        cache = tempfile.mkdtemp(prefix="longhaul-tests-")
        os.environ.update(dict.fromkeys(FOLDERS, cache))
        session.config.add_cleanup(lambda: shutil.rmtree(cache, ignore_errors=True))


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no command say what its start is at: a loaded machine would make it say more."""
    monkeypatch.setattr("longhaul.output.SLOW_START_UNSEEN_S", 1e6)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let `-m slow` run every property too, on examples of its own."""
    if config.option.markexpr == "slow":
        for item in items:
            if is_hypothesis_test(getattr(item, "obj", None)):
                item.add_marker("slow")
