"""The errors of the web agents' packages."""

from __future__ import annotations


class ActionError(ValueError):
    """An action is none of the grammar, or cannot be done on the present page: the agent is told
    in its next observation, and the episode goes on."""


class PageHangError(RuntimeError):
    """A page or the browser no longer answers; the episode ends with an error."""


class TaskError(ValueError):
    """A task file, or a task in it, is not what the benchmark's format says."""


class UnsupportedError(TaskError):
    """A task asks for an evaluator or a locator that is not supported here. `kind` says in a few
    words what it is of which there is no such thing here, for a count."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


class MissingError(RuntimeError):
    """A program, package or folder is missing; the message says how to get it."""


class VideoError(RuntimeError):
    """A video is missing, cannot be read, or could not be recorded."""


class JudgeError(RuntimeError):
    """A reply of the model that judges an answer is none of the verdicts."""
