"""What can go wrong on the web, by who has to do something about it."""

from __future__ import annotations


class ActionError(ValueError):
    """An action is none of the grammar, or cannot be done on the present page: the agent is told
    in its next observation, and the episode goes on."""


class PageHangError(RuntimeError):
    """A page or the browser no longer answers; the episode ends with an error."""


class TaskError(ValueError):
    """A task file, or a task in it, is not what the benchmark's format says."""


class UnsupportedError(TaskError):
    """A task asks for an evaluator or a locator that there is no reader for."""


class MissingError(RuntimeError):
    """A program or package is not there; the message says how to install it."""


class VideoError(RuntimeError):
    """A video is missing, is none that can be read, or could not be recorded."""


class JudgeError(RuntimeError):
    """A model that judges an answer, or tells of a picture, said something else."""
