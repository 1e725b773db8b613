"""Hydra, wrapped once: every script that composes a configuration goes through `run`.

Hydra makes no folder and changes into none; `-m` sweeps. What the user got wrong (ConfigError, or
a configuration that can't be composed) is one line on standard error and exit code 2. Any other
exception keeps its traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import hydra
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from longhaul.errors import ConfigError

FOLDER = Path(__file__).parent
USER_ERROR = 2
INTERRUPTED = 130

Main = Callable[[DictConfig], None]


def run(
    main: Main, config_name: str, arguments: Sequence[str] | None = None, folder: str = "."
) -> int:
    """Compose configs/<folder>/<config_name>.yaml with the command line and call `main` with it.

    Returns the exit code: 0, or 2 after a user's error, 130 after Ctrl-C; in a sweep a job's
    user error does not stop the jobs after it.
    """
    codes = [0]

    def job(config: DictConfig) -> None:
        try:
            main(config)
        except (ConfigError, OmegaConfBaseException) as error:
            codes.append(_complain(error))

    with _hydra_reads(sys.argv[1:] if arguments is None else arguments):
        try:
            path = str((FOLDER / folder).resolve())
            hydra.main(version_base="1.3", config_path=path, config_name=config_name)(job)()
        except (HydraException, OmegaConfBaseException) as error:
            codes.append(_complain(error))
        except KeyboardInterrupt:
            print("interrupted; the same command goes on from here", file=sys.stderr)
            codes.append(INTERRUPTED)
    return max(codes)


@contextmanager
def _hydra_reads(arguments: Sequence[str]) -> Iterator[None]:
    """Set what Hydra takes from the process: arguments, and environment variables that ask for
    tracebacks and name a place for the file that it writes for every sweep."""
    sweep = not {"-m", "--multirun", "hydra.mode=MULTIRUN"}.isdisjoint(arguments)
    argv = sys.argv
    before = {name: os.environ.get(name) for name in ("HYDRA_FULL_ERROR", "LONGHAUL_SWEEP")}
    with TemporaryDirectory(prefix="longhaul-sweep-") if sweep else nullcontext("") as scratch:
        sys.argv = [argv[0], *arguments]
        os.environ.update(HYDRA_FULL_ERROR="1", LONGHAUL_SWEEP=scratch)
        try:
            yield
        finally:
            sys.argv = argv
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _complain(error: Exception) -> int:
    print(f"error: {_one_line(error)}", file=sys.stderr)
    return USER_ERROR


def _one_line(error: BaseException) -> str:
    if isinstance(error, MissingConfigException) and error.options is not None:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        return f"{group}={name} is unknown; valid: {', '.join(sorted(error.options))}"
    if isinstance(error, MissingMandatoryValue):
        return f"{error.full_key} must be given"
    cause = error.__cause__
    if isinstance(cause, OmegaConfBaseException) and cause.parent_node is not None:
        valid = ", ".join(str(key) for key in sorted(cause.parent_node))
        return f"{cause.full_key} is unknown; valid: {valid}"
    return " ".join(str(error).split())
