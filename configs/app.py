"""Hydra, wrapped once: every script that composes a configuration goes through `run`.

Hydra makes no folder and changes into none; `-m` sweeps. What the user got wrong (ConfigError, or
a configuration that can't be composed) is one line on standard error and exit code 2; what the
system refused, such as space on a full disk, is one line and exit code 1. Any other exception keeps
its traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import hydra
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from longhaul.configs.filling import CONFIG_FOLDER, fill_what_hydra_reads
from longhaul.configs.foreign import require_no_settings
from longhaul.configs.help import Keys, describe, read_keys
from longhaul.configs.outside import offer, search_path
from longhaul.configs.words import in_order
from longhaul.errors import FAILED, ConfigError, FailedError, complain, refused, unknown
from longhaul.output import FLAGS, Output, taken
from longhaul.plugins import folders, take_plugins
from longhaul.scratch import Scratch
from longhaul.secrets import learn

HELP = {"-h", "--help"}
SWEEPS = {"-m", "--multirun", "hydra.mode=MULTIRUN"}
"""Words that make Hydra sweep."""

Main = Callable[[DictConfig, Output], int | None]


def run(
    main: Main,
    config_name: str,
    arguments: Sequence[str] | None = None,
    folder: str = ".",
    about: str = "",
    output: Output | None = None,
) -> int:
    """Compose configs/<folder>/<config_name>.yaml with the command line and call `main` with it.

    `--plugin FOLDER` and `plugin=FOLDER` are taken out first (longhaul.plugins), and so is what
    says how to say things (longhaul.output), unless a command gives the Output that it uses itself.
    `--help` prints the keys, below what `about` says of the command.

    Returns the exit code: 0 or what `main` returns, 2 after a user's error, 1 after a failure; in a
    sweep a job's error does not stop the jobs after it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if output is not None:
        return _compose_and_call(main, config_name, words, folder, about, output)
    try:
        output, words = taken(words, many=not SWEEPS.isdisjoint(words))
    except ConfigError as error:
        return complain(error)
    words += [f"{flag}=true" for flag in FLAGS if getattr(output, flag)]
    with output:
        return _compose_and_call(main, config_name, words, folder, about, output)


def _compose_and_call(
    main: Main, config_name: str, words: list[str], folder: str, about: str, output: Output
) -> int:
    codes = [0]
    faults: list[Exception] = []

    def job(config: DictConfig) -> None:
        if faults:
            return
        try:
            learn(OmegaConf.to_container(config, resolve=True))
            codes.append(main(config, output) or 0)
        except (ConfigError, OmegaConfBaseException) as error:
            codes.append(output.fail(one_line(error)))
        except FailedError as error:
            codes.append(output.fail(error, FAILED))
        except Exception as error:
            try:
                codes.append(output.fail(refused(error), FAILED))
            except Exception as fault:  # Hydra would print the command's words, secrets included
                faults.append(fault)

    try:
        output.at("composing the configuration")
        rest = take_plugins(words)
        require_no_settings(rest)
        offer([word for word in rest if word not in HELP], training=folder != ".")
        if HELP & set(rest):
            keys = keys_of(config_name, rest, folder)
            output.started()
            print(describe(keys, f"{program(config_name)} KEY=VALUE ...", about))
            return 0
        rest = in_order(rest)
        path = search_path(folder)
        with _hydra_reads([*rest, f"hydra.searchpath={path}"] if path else rest):
            place = str((CONFIG_FOLDER / folder).resolve())
            hydra.main(version_base="1.3", config_path=place, config_name=config_name)(job)()
        if faults:
            raise faults[0]
    except (ConfigError, HydraException, OmegaConfBaseException) as error:
        codes.append(output.fail(one_line(error)))
    return max(codes)


def keys_of(config_name: str, arguments: Sequence[str], folder: str = ".") -> Keys:
    """Return the keys of configs/<folder>/<config_name>.yaml as composed with a command line."""
    path = search_path(folder)
    require_no_settings(arguments)
    chosen = [word for word in arguments if "=" in word and not word.startswith("-")]
    if path:
        chosen.append(f"hydra.searchpath={path}")
    places = [CONFIG_FOLDER / folder, CONFIG_FOLDER]
    places += [root / "configs" / name for root in folders() for name in (folder, ".")]
    with _hydra_reads([]):
        return read_keys(places, config_name, chosen)


@contextmanager
def _hydra_reads(arguments: Sequence[str]) -> Iterator[None]:
    """Set what Hydra takes from the process: arguments, and environment variables that ask for
    tracebacks and name a place for the file that it writes for every sweep."""
    sweep = not SWEEPS.isdisjoint(arguments)
    fill_what_hydra_reads()
    argv = sys.argv
    before = {name: os.environ.get(name) for name in ("HYDRA_FULL_ERROR", "LONGHAUL_SWEEP")}
    with Scratch("longhaul-sweep-") if sweep else nullcontext("") as scratch:
        sys.argv = [argv[0], *arguments]
        os.environ.update(HYDRA_FULL_ERROR="1", LONGHAUL_SWEEP=str(scratch))
        try:
            yield
        finally:
            sys.argv = argv
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def program(command: str) -> str:
    """Return how the command was called: longhaul rollout, or python scripts/rollout.py."""
    program = Path(sys.argv[0])
    if program.parent.name == "scripts":
        return f"python scripts/{program.name}"
    return f"longhaul {command}"


def one_line(error: BaseException) -> str:
    """Return what is wrong with a configuration in one line, with the valid names."""
    if isinstance(error, MissingConfigException) and error.options is not None:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        return unknown(f"{group}={name}", sorted(error.options))
    if isinstance(error, MissingMandatoryValue):
        return f"{error.full_key} must be given"
    cause = error.__cause__
    if isinstance(cause, OmegaConfBaseException) and cause.parent_node is not None:
        valid = sorted(str(key) for key in cause.parent_node if key != "hydra")
        if not valid:  # a mapping of any keys, such as a request's extra fields
            return f"{cause.full_key} is new there; +{cause.full_key}=VALUE adds it"
        return unknown(str(cause.full_key), valid)
    return " ".join(str(error).split())
