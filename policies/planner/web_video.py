"""Reads a task's video for a web agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.errors import ConfigError
from longhaul.language.build import build_embeddings
from longhaul.language.chat import ChatModel
from longhaul.language.errors import SetupError
from longhaul.policies.planner.web_steps import steps_for
from longhaul.webagents.errors import MissingError
from longhaul.webagents.video.answer import Extractive
from longhaul.webagents.video.build import Options, build_understanding
from longhaul.webagents.video.contract import Evidence, say_lines
from longhaul.webagents.video.pages import read_pages

NO_VIDEO_AGENT = "base"
"""The name of the agent that reads no video."""


@dataclass(frozen=True)
class Known:
    """What an agent knows of a video: all of it in words, the lines nearest to the task, the steps
    of a how-to with the task's values, pictures (RGB) for a model that takes images, and the
    evidence that all this comes from."""

    words: str = ""
    nearest: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    pictures: tuple[NDArray[np.uint8], ...] = ()
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True)
class VideoOptions(Options):
    """How an agent reads a video, and how much of it is told.

    Attributes:
        characters: The largest number of characters about a video that the model is told.
    """

    characters: int = 8000


class Watcher:
    """Reads videos by the method that `agent` names (one of VIDEO_METHODS in
    longhaul.webagents.video.build) with these options. `model` writes summaries and describes
    clips, if it can write. Raises ConfigError in one line for options that are not valid.
    """

    def __init__(self, agent: str, options: VideoOptions, model: ChatModel) -> None:
        self._characters = options.characters
        able = model.abilities
        chooses_only = able.choices and not able.schema and not able.images
        try:
            embed = None if agent == NO_VIDEO_AGENT else build_embeddings()
            writer = None if chooses_only else model
            self._understand = build_understanding(agent, writer, options, embed)
        except (MissingError, SetupError) as error:
            raise ConfigError(f"policy.agent={agent}: {error}") from None
        self._extract = None if embed is None else Extractive(embed)
        self._sees = able.images

    def watch(self, video: str, instruction: str) -> Known:
        """Return what a video (a path, empty for none) tells about a task. Raises VideoError for a
        video that is missing or cannot be read."""
        if self._extract is None or not video:
            return Known()
        evidence = self._understand(Path(video), instruction)
        said = [line.text for line in evidence.lines if line.source != "screen"]
        shown = [line.text for page in read_pages(evidence.lines) for line in page.captions]
        return Known(
            say_lines(evidence)[: self._characters],
            tuple(self._extract.nearest(instruction, evidence)),
            steps_for(instruction, said) or steps_for(instruction, shown),
            tuple(picture for _, picture in evidence.pictures) if self._sees else (),
            evidence,
        )

    def provenance(self) -> Mapping[str, str]:
        return self._understand.provenance()
