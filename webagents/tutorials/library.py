"""A folder of videos: a script is recorded when it is first asked for; its hash names the file."""

from __future__ import annotations

import os
from pathlib import Path

from longhaul.files import locked
from longhaul.scratch import Scratch
from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.errors import ActionError, VideoError
from longhaul.webagents.generator.generate import LOCAL_SITES
from longhaul.webagents.sites.running import Sites
from longhaul.webagents.tutorials.narrate import can_narrate
from longhaul.webagents.tutorials.record import record
from longhaul.webagents.tutorials.script import Script
from longhaul.webagents.video.truth import truth_path

ADMIN_ACCOUNT = "admin"


class Library:
    """A folder of videos, which several processes may share. An existing video is not made again.

    `narrated` None means: with speech if espeak-ng is installed. A narrated video has another name
    than a silent one.
    """

    def __init__(self, folder: Path, narrated: bool | None = None) -> None:
        self.folder = folder
        self._narrated = can_narrate() if narrated is None else narrated

    def path(self, script: Script) -> Path:
        """Return the path of a script's video, whether it exists or not."""
        return self.folder / f"{script.name}{'' if self._narrated else '-silent'}.mp4"

    def has(self, script: Script) -> bool:
        """Say whether a script's video and its ground truth exist."""
        path = self.path(script)
        return path.is_file() and truth_path(path).is_file()

    def make(self, script: Script, browser: Browser, sites: Sites) -> Path:
        """Return the path of a script's video. If it does not exist it is recorded on these sites,
        which are reset before and after; a process that asks for it meanwhile waits. Raises
        VideoError if the script cannot be played."""
        path = self.path(script)
        if not self.has(script):
            with locked(path.with_name(f".{path.name}.lock"), kept=False):
                if not self.has(script):
                    self._record(script, path, browser, sites)
        return path

    def _record(self, script: Script, path: Path, browser: Browser, sites: Sites) -> None:
        sites.reset()
        local = sites.sites[LOCAL_SITES[script.site]]
        is_admin = script.site == "shopping_admin"
        cookie = sites.cookie(LOCAL_SITES[script.site], ADMIN_ACCOUNT if is_admin else "")
        session = Session(browser, ViewSettings())
        with Scratch(".recording-", self.folder) as scratch:
            new = scratch / path.name
            try:
                start = f"{local.url}{'/admin' if is_admin else ''}{script.start or '/'}"
                session.open([start], [cookie])
                record(script, session, new, self._narrated)
            except ActionError as error:
                raise VideoError(f"{script.name} cannot be recorded: {error}") from None
            finally:
                session.close()
                sites.reset()
            # The video comes last, so that its ground truth exists whenever it does.
            os.replace(truth_path(new), truth_path(path))
            os.replace(new, path)
