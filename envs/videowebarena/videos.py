"""The video of an episode: recorded for a generated task, found in a folder for an official one."""

from __future__ import annotations

from pathlib import Path

from longhaul.envs.episode import Episode
from longhaul.envs.videowebarena.world import World
from longhaul.identifiers import is_plain_name, shown
from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.errors import VideoError
from longhaul.webagents.tutorials.library import Library
from longhaul.webagents.tutorials.script import Script

VIDEO_SUFFIXES = (".mp4", ".mov", ".webm", ".mkv")


class Videos:
    """The videos in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._library = Library(folder)

    def find(self, episode: Episode, world: World, browser: Browser) -> str:
        """Return the path of an episode's video, empty for a task that has none.

        Raises VideoError for one that is missing or cannot be recorded.
        """
        script = episode.start.get("script")
        if script is not None:
            return str(world.film(self._library, Script.from_json(script), browser).resolve())
        name = str(episode.start["task"].get("video") or "")
        if not name:
            return ""
        # The name comes from a task file and must not lead out of the folder.
        for suffix in VIDEO_SUFFIXES:
            file = f"{name.rpartition('/')[2]}{suffix}"
            path = self._folder / file
            if is_plain_name(file) and path.is_file():
                return str(path.resolve())
        raise VideoError(
            f"no video {shown(name)}({'|'.join(VIDEO_SUFFIXES)}) in env.videos={self._folder}"
        )
