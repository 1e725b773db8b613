"""Plays a script in a browser and records it.

Pages change only while something is done to them, so only that is recorded in real time, by
Chromium's screencast, and spread over a fixed number of frames. The moves of the pointer, and the
time that a viewer needs to read and to listen, are added as frames without waiting. A script's
video has the same frames, pages and captions at every recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, hypot
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longhaul.webagents.actions import Action
from longhaul.webagents.browser.session import Session
from longhaul.webagents.browser.tree import Element
from longhaul.webagents.errors import ActionError, VideoError
from longhaul.webagents.generator.draft import Move
from longhaul.webagents.tutorials.draw import Box, compose
from longhaul.webagents.tutorials.film import VIDEO_FPS, Writer
from longhaul.webagents.tutorials.narrate import SPEECH_RATE_HZ, narrate, speaking_time
from longhaul.webagents.tutorials.screencast import Picture, Screencast
from longhaul.webagents.tutorials.script import Script
from longhaul.webagents.video.truth import Saying, Span, Truth, write_truth

OPENING_FRAMES, AIM_FRAMES, PRESS_FRAMES, CLICK_FRAMES, REST_FRAMES = 20, 6, 4, 10, 18
"""Numbers of frames: of the first page before anything happens, of a mark before a click, of the
pressed mark, of the click's effect, and of the page after it. Chosen here."""

LETTER_FRAMES = 2
"""Frames for each typed letter: 12 letters per second. Chosen here."""

POINTER_PX_PER_FRAME = 32.0
"""Mean speed of the pointer (pixels per frame) between the limits below. Chosen here."""

MAX_MOVE_FRAMES, MIN_MOVE_FRAMES = 25, 8
"""The most and the fewest frames of one move of the pointer. Chosen here."""

LETTER_MS = 25
"""Milliseconds between typed letters: about two pictures of a page that is painted at 60 Hz."""

PAUSE_S = 0.4
"""Seconds of silence after a sentence. Chosen here."""


class Player:
    """Plays moves in a session's tab, and writes their frames with `writer`."""

    def __init__(self, session: Session, writer: Writer) -> None:
        self._session, self._writer = session, writer
        self._cast = Screencast(session.tab.cdp)
        self._page = self._cast.still()
        self._pointer = (self._page.shape[1] / 2, self._page.shape[0] / 2)
        self._caption, self._action = "", ""
        self.spans: list[Span] = []

    def begin(self, caption: str) -> None:
        """Begin a shot with this caption."""
        self._caption, self._action = caption, ""

    def rest(self, frames: int) -> None:
        """Write frames of the page as it is."""
        self._roll("rest", [self._page] * max(frames, 0))

    def play(self, move: Move) -> None:
        """Carry out a move. Raises ActionError where it cannot be done."""
        if move.kind == "stop":
            return
        self._action = f"{move.kind} {move.role} {move.name!r} {move.text}".strip()
        if not move.role:
            self._film(CLICK_FRAMES, Action(move.kind, text=move.text))
            return
        element = self._find(move)
        box = self._bring_into_view(element)
        self._travel(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
        self._roll("act", [self._page] * AIM_FRAMES, box)
        self._roll("act", [self._page] * PRESS_FRAMES, box, pressed=True)
        if move.kind == "type":
            self._type(element, move, box)
        else:
            self._film(CLICK_FRAMES, Action(move.kind, element.number, move.text))
        self.rest(REST_FRAMES)

    def _find(self, move: Move) -> Element:
        view = self._session.view()
        for element in view.elements:
            if element.role == move.role and element.name == move.name:
                return element
        raise ActionError(f"no {move.role} {move.name!r} on {view.url}")

    def _bring_into_view(self, element: Element) -> Box:
        """Scroll to an element if needed; return its box."""
        cdp = self._session.tab.cdp
        cdp.send("DOM.scrollIntoViewIfNeeded", {"backendNodeId": element.backend})
        self._page = self._cast.still()
        quads = cdp.send("DOM.getContentQuads", {"backendNodeId": element.backend})["quads"]
        if not quads:
            raise ActionError(f"{element.role} {element.name!r} is not visible")
        xs, ys = quads[0][0::2], quads[0][1::2]
        return min(xs), min(ys), max(xs), max(ys)

    def _travel(self, goal: tuple[float, float]) -> None:
        """Move the pointer to a point (x, y in pixels), slowly at both ends."""
        (x, y), (to_x, to_y) = self._pointer, goal
        count = int(
            np.clip(
                hypot(to_x - x, to_y - y) / POINTER_PX_PER_FRAME, MIN_MOVE_FRAMES, MAX_MOVE_FRAMES
            )
        )
        first = self._writer.frames
        for done in (1 - np.cos(np.pi * np.arange(1, count + 1) / count)) / 2:
            self._pointer = (x + done * (to_x - x), y + done * (to_y - y))
            self._writer.show(compose(self._page, self._caption, self._pointer, None, False))
        self._note("move", first)

    def _type(self, element: Element, move: Move, box: Box) -> None:
        """Type letter by letter, as a person does."""
        self._session.perform(Action("clear", element.number))
        keyboard, tab = self._session.tab.page.keyboard, self._session.tab.page
        with self._cast.rolling() as painted:
            for letter in move.text:
                keyboard.insert_text(letter)
                tab.wait_for_timeout(LETTER_MS)
        self._lay_out(painted, LETTER_FRAMES * len(move.text), box)
        if move.submit:
            self._film(CLICK_FRAMES, Action("press", text="Enter"))

    def _film(self, frames: int, action: Action) -> None:
        """Carry out an action and show its effect in so many frames."""
        with self._cast.rolling() as painted:
            self._session.perform(action)
        self._lay_out(painted, frames)

    def _lay_out(
        self, painted: list[tuple[float, Picture]], frames: int, mark: Box | None = None
    ) -> None:
        times = [moment for moment, _ in painted]
        shown = np.searchsorted(times, np.linspace(0, 1, frames), "right") - 1
        pictures = [self._page if i < 0 else painted[i][1] for i in shown]
        self._page = painted[-1][1]
        self._roll("act", pictures, mark)

    def _roll(
        self, state: str, pictures: list[Picture], mark: Box | None = None, pressed: bool = False
    ) -> None:
        first = self._writer.frames
        for page in pictures:
            self._writer.show(compose(page, self._caption, self._pointer, mark, pressed))
        self._note(state, first)

    def _note(self, state: str, first: int) -> None:
        if self._writer.frames > first:
            page, last = self._session.tab.page, self._writer.frames
            seen = (self._action, page.url, page.title(), self._caption)
            self.spans.append(Span(first, last, state, *seen))


def record(script: Script, session: Session, path: Path, narrated: bool) -> Truth:
    """Play a script in a session that shows its first page, and write `path` (mp4) and its ground
    truth beside it; with `narrated` espeak-ng says its speech.

    Raises VideoError for a move that cannot be done; no video is left then.
    """
    speeches = [narrate(shot.speech) if narrated and shot.speech else None for shot in script.shots]
    writer = Writer(path, narrated)
    try:
        player = Player(session, writer)
        player.begin(script.shots[0].caption)
        player.rest(OPENING_FRAMES)
        sayings = []
        for shot, speech in zip(script.shots, speeches, strict=True):
            first = writer.frames
            player.begin(shot.caption)
            for move in shot.moves:
                player.play(move)
            length = speaking_time(shot.speech) if speech is None else len(speech) / SPEECH_RATE_HZ
            needed = ceil((length + PAUSE_S) * VIDEO_FPS) if shot.speech else 0
            player.rest(first + needed - writer.frames)
            if shot.speech:
                start = first / VIDEO_FPS
                sayings.append(Saying(round(start, 2), round(start + length, 2), shot.speech))
        writer.close(_mixed(speeches, sayings, writer.frames))
    except BaseException as error:
        writer.discard()
        path.unlink(missing_ok=True)
        if isinstance(error, ActionError):
            raise VideoError(f"{script.name} cannot be recorded: {error}") from None
        raise
    truth = Truth(VIDEO_FPS, writer.frames, tuple(player.spans), tuple(sayings), narrated)
    write_truth(path, truth)
    return truth


def _mixed(
    speeches: Sequence[NDArray[np.int16] | None], sayings: Sequence[Saying], frames: int
) -> NDArray[np.int16]:
    """Return the samples of the whole video: each speech from its start, silence elsewhere."""
    sound = np.zeros(ceil(frames * SPEECH_RATE_HZ / VIDEO_FPS), np.int16)
    spoken = [speech for speech in speeches if speech is not None]
    for speech, saying in zip(spoken, sayings, strict=False):
        start = round(saying.start * SPEECH_RATE_HZ)
        sound[start : start + len(speech)] = speech[: len(sound) - start]
    return sound
