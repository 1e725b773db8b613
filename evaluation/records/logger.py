"""External loggers of a run: none, or Weights & Biases."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from longhaul.envs.episode import EpisodeRecord
from longhaul.evaluation.settings import LoggerSettings
from longhaul.secrets import hidden


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
    """Logs to Weights & Biases: online if WANDB_API_KEY is set, else into the run folder."""

    def __init__(self, folder: Path, project: str, config: Mapping[str, Any]) -> None:
        import wandb  # slow to import, and most runs do without it

        self._run = wandb.init(
            project=project,
            config=hidden(config),
            **wandb_options(folder),
        )
        self._finished = 0

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
    and that it notes no words of the command line, which may hold secrets."""
    import wandb

    online = bool(os.environ.get("WANDB_API_KEY"))
    return {
        "name": folder.name,
        "dir": str(folder.resolve()),
        "mode": "online" if online else "offline",
        "settings": wandb.Settings(silent=True, x_disable_meta=True),
    }


def make_logger(settings: LoggerSettings, folder: Path, config: Mapping[str, Any]) -> Logger:
    """Return the logger that the settings name; it gets the whole configuration."""
    if settings.kind == "wandb":
        return WandbLogger(folder, settings.project, config)
    return NoLogger()
