"""External loggers of a run: none, or Weights & Biases."""

from __future__ import annotations

import os
import re
import secrets
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from longhaul.documents import read_whole
from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.settings import LoggerSettings
from longhaul.files import replace_file
from longhaul.inside import Folder
from longhaul.secrets import hidden

WANDB_ID_FILE = "wandb-id.txt"
"""The file in a run's folder that holds the id of its run in Weights & Biases."""

MOST_ID_BYTES = 64
"""The size limit of that file, in bytes; an id has 8 characters."""


class Logger(Protocol):
    def log(self, record: EpisodeRecord) -> None:
        """Log one finished episode."""

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Log the summary and close."""


class NoLogger:
    """Logs nowhere."""

    def log(self, record: EpisodeRecord) -> None:
        pass

    def finish(self, summary: Mapping[str, Any]) -> None:
        pass


class WandbLogger:
    """Logs to Weights & Biases: online if WANDB_API_KEY is set, else into the run folder.

    `done` episodes have been logged by earlier sessions of the same run.
    """

    def __init__(
        self, folder: Path, project: str, config: Mapping[str, Any], done: int = 0
    ) -> None:
        import wandb  # slow to import, and most runs do without it

        self._run = wandb.init(
            project=project,
            config=hidden(config),
            **wandb_options(folder),
        )
        self._finished = done

    def log(self, record: EpisodeRecord) -> None:
        self._finished += 1
        solved = sum(outcome.success for outcome in record.outcomes)
        success = float(record.status == "success")
        self._run.log(
            {"episode/success": success, "episode/solved": solved, "episode/steps": record.steps},
            step=self._finished,
        )

    def finish(self, summary: Mapping[str, Any]) -> None:
        self._run.summary.update({key: summary[key] for key in ("metrics", "status", "timing")})
        self._run.finish()


def wandb_options(folder: Path) -> dict[str, Any]:
    """Return the arguments of `wandb.init` for a run: its name, its folder, whether to log online,
    and that it notes no words of the command line, which may hold secrets.

    All sessions of a run go on with the same run there: its id is kept in the folder, which must be
    there. Raises ConfigError for an id that Weights & Biases would not have made.
    """
    import wandb

    online = bool(os.environ.get("WANDB_API_KEY"))
    return {
        "name": folder.name,
        "id": _run_id(folder),
        "resume": "allow",
        "dir": str(folder.resolve()),
        "mode": "online" if online else "offline",
        "settings": wandb.Settings(silent=True, x_disable_meta=True),
    }


def _run_id(folder: Path) -> str:
    """Return the id of the run of a folder in Weights & Biases; the first session draws it."""
    path = folder / WANDB_ID_FILE
    try:
        with Folder(folder).open(WANDB_ID_FILE) as file:
            found = read_whole(file, path, MOST_ID_BYTES).decode(errors="replace").strip()
    except FileNotFoundError:
        found = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))
        replace_file(path, f"{found}\n")
    if not re.fullmatch(r"[a-z0-9]{8}", found):
        raise ConfigError(
            f"{path} holds no id of Weights & Biases (8 letters and digits); remove it to begin a "
            "new run there"
        )
    return found


def make_logger(
    settings: LoggerSettings, folder: Path, config: Mapping[str, Any], done: int = 0
) -> Logger:
    """Return the logger that the settings name; it gets the whole configuration.

    `done` episodes have been logged by earlier sessions.
    """
    if settings.kind == "wandb":
        return WandbLogger(folder, settings.project, config, done)
    return NoLogger()
