"""Tasks in a browser as a Gymnasium environment: an agent acts on pages, then says it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from longhaul.envs.entry import EntryPoint
from longhaul.envs.episode import Episode
from longhaul.envs.episodic import EpisodicEnv, Observation, metadata
from longhaul.envs.hooks import Expert
from longhaul.envs.pictures import Picture
from longhaul.envs.text import decode, encode
from longhaul.envs.videowebarena.conventions import (
    IMAGES_KEY,
    MARKS_KEY,
    SCREENSHOT_KEY,
    TEXT_BYTES,
    VIDEO_KEY,
    action_space,
    conventions,
    observation_space,
    rows_of,
    with_folders,
)
from longhaul.envs.videowebarena.episodes import Source
from longhaul.envs.videowebarena.expert import WebExpert
from longhaul.envs.videowebarena.frame import fit, fit_marks, scale_of
from longhaul.envs.videowebarena.pictures import Pictures
from longhaul.envs.videowebarena.progress import Progress
from longhaul.envs.videowebarena.referee import Models, Referee
from longhaul.envs.videowebarena.videos import Videos
from longhaul.envs.videowebarena.world import Backend
from longhaul.errors import ConfigError, LostError
from longhaul.options import names
from longhaul.webagents.actions import parse_action
from longhaul.webagents.browser.chromium import browser_version, find_browser
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.browser.tab import View
from longhaul.webagents.errors import ActionError, MissingError
from longhaul.webagents.evaluators.findings import Findings
from longhaul.webagents.evaluators.judge import WORDS_JUDGE
from longhaul.webagents.evaluators.look import Ending
from longhaul.webagents.evaluators.text import RuleSet
from longhaul.webagents.tasks.read import parse_task

DEFAULT_OBSERVATIONS = ("tree", "url", "tabs", "feedback")

RECORDING_STEPS = 10
"""A recording may take hang_s times this many seconds."""


class VideoWebArenaEnv(EpisodicEnv):
    """Fulfills longhaul.envs.specs.Env. Browser and sites start with the first reset, and stay.

    Raises ConfigError for a wrong value.

    The reward is sparse: 1 for the step that ends a solved task, else 0.

    Args:
        tasks: The tasks, builtin, builtin-factual or builtin-all (generated), or a folder of
            official task files.
        sites: The addresses of sites elsewhere by the benchmark's names (shopping, reddit, ...);
            None takes the local sites.
        auth: A folder of storage states (shopping_state.json) for sites elsewhere.
        shop_token: The token of that shop's administrator, by which orders and reviews are read.
        sites_seed: What the local sites hold is made from this seed.
        rules: The version of the text rules, videowa-2024 or webarena-2023.
        observations: What is observed: tree, url, tabs, feedback, dom, and screenshot with numbered
            boxes; marks says where those are.
        width: The pixels of the viewport's width.
        height: The pixels of its height.
        max_steps: The actions of an episode, which is scored when it ends, by a stop or without.
        hang_s: Seconds after which a step ends the episode with an error.
        chromium: The browser's path; None looks for Debian's chromium-headless-shell, then for
            chromium.
        videos: A folder of the tasks' videos, which adds observation video, a path; those of
            generated tasks are recorded where they are missing; None has tasks come without.
        images: A folder of the pictures that task files name, which adds observation images, their
            paths.
        judge: Who decides a fuzzy_match, words (deterministic) or one of `models`.
        vision: Who answers questions about images (eval_vqa), one of `models` that sees.
        models: Chat back ends by name, each with its options as in configs/language.
    """

    metadata = metadata(render_fps=1)

    def __init__(
        self,
        tasks: str = "builtin",
        sites: Mapping[str, str] | None = None,
        auth: str | None = None,
        shop_token: str | None = None,
        sites_seed: int = 0,
        rules: RuleSet = "videowa-2024",
        observations: Sequence[str] = DEFAULT_OBSERVATIONS,
        width: int = 1280,
        height: int = 720,
        max_steps: int = 30,
        hang_s: float = 60,
        chromium: str | None = None,
        videos: str | None = None,
        images: str | None = None,
        judge: str = WORDS_JUDGE,
        vision: str | None = None,
        *,
        models: Models | None = None,
    ) -> None:
        super().__init__()
        for option, number in (("width", width), ("height", height), ("max_steps", max_steps)):
            if number < 1:
                raise ConfigError(f"env.{option}={number} must be at least 1")
        try:
            self._executable = find_browser(chromium)
        except MissingError as error:
            raise ConfigError(f"env=videowebarena: {error}") from None
        self._backend = Backend(sites, sites_seed, chromium, auth, shop_token)
        self._source = Source(tasks, self._backend.urls, sites_seed)
        self._referee = Referee(rules, judge, vision, models)
        self._videos = None if videos is None else Videos(Path(videos))
        self._task_pictures = Pictures(None if images is None else Path(images))
        observations = names("env.observations", observations)
        observations = with_folders(observations, {VIDEO_KEY: videos, IMAGES_KEY: images})
        self.conventions = conventions(observations, width, height, self._source.splits)
        self.observation_space = observation_space(observations, width, height)
        self.action_space = action_space()
        self._names = tuple(observations)
        self._look = ViewSettings(
            width=width,
            height=height,
            screenshot=SCREENSHOT_KEY in observations,
            dom="dom" in observations,
        )
        self._limit, self._hang_s = max_steps, hang_s
        self._session: Session | None = None
        self._spare: Session | None = None
        self._progress: Progress | None = None
        self._view, self._tabs, self._feedback = View(), "", ""
        self._video, self._shown, self._gap = "", "", ""

    def episodes(self, split: str, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` episodes of a split (all of them if None).

        Raises ConfigError naming the valid ones for an unknown split.
        """
        return self._source.episodes(split, n, seed)

    def remarks(self, split: str) -> list[str]:
        """Return how many tasks of a split have no episode and why, and how many require a login
        that nobody has, a sentence each."""
        told = self._source.remarks(split)
        if self._backend.anonymous and (count := self._source.logins(split)):
            told = [*told, f"{count} tasks require a login; nobody has one without env.auth"]
        return told

    def provenance(self) -> dict[str, str]:
        """Return the tasks' fingerprint, the rules' version, and who judges."""
        return {"tasks": self._source.fingerprint(), **self._referee.provenance()}

    def versions(self) -> dict[str, str]:
        """Return the version of the browser, as it says it itself."""
        return {"chromium": browser_version(self._executable)}

    def beside(self) -> dict[str, str]:
        """Return what must stand beside a result: the models that judge."""
        return self._referee.parts()

    def expert(self) -> Expert:
        """Return the oracle for the present episode. Raises RuntimeError before a reset."""
        self._running()
        return WebExpert(lambda: (self.episode, self._view))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin `options["episode"]`, or one of the first split's that `seed` draws (EpisodicEnv).

        Raises VideoError for a video that is missing or cannot be recorded, TaskError for a
        picture that is missing or that nobody can be asked about, PageHangError for a page that
        does not answer, and LostError where the browser or the local sites died.
        """
        episode = self._chosen(seed, options)
        self.episode, self._progress = episode, None
        self._task = parse_task(episode.start["task"])
        self._referee.require(self._task)
        if IMAGES_KEY in self._names:
            self._shown = "\n".join(map(str, self._task_pictures.find(self._task.images)))
        if self._videos is not None:
            with self._guard(RECORDING_STEPS):
                self._video = self._videos.find(episode, self._backend.world, self._backend.browser)
        with self._guard():
            world = self._backend.world
            if self._session is not None:
                self._session.close()
            world.reset()
            self._session = self._begun(self._task.viewport)
            login = world.login(self._task.raw)
            self._session.open(self._task.start_urls, login.cookies, login.state)
            self._progress = Progress(episode, self._limit)
            self._progress.update(world.state)
            self._feedback = self._gap = world.login_gap(self._task.raw)
            self._see(self._session)
        return self._observe(), self._info()

    def step(
        self, action: Mapping[str, NDArray[Any]]
    ) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out an action, a line of `longhaul.webagents.actions`; what cannot be done is told
        in `feedback`. A stop ends the episode and has it scored; the reward is 1 if it is solved,
        and `info["ending"]` is what another judge needs to score it again.

        Raises RuntimeError when the episode is over, PageHangError for a page that does not
        answer, LostError where the browser or the local sites died, and LanguageError for a model
        that judges and does not.
        """
        session, progress = self._running()
        if progress.over:
            raise RuntimeError(f"episode {self.episode.id} is over: reset before the next step")
        progress.steps += 1
        answer: str | None = None
        found: Findings | None = None
        with self._guard():
            try:
                done = parse_action(decode("action", action))
                if done.kind == "stop":
                    answer = done.text
                else:
                    session.perform(done)
                self._feedback = "; ".join(session.notes)
            except ActionError as error:
                self._feedback = "; ".join((str(error), *session.notes))
            progress.update(self._backend.world.state)
            self._see(session)
            if answer is not None or progress.out_of_steps:
                found = self._look_back(session, answer or "")
        if found is None:
            return self._observe(), 0.0, False, False, self._info()
        stopped = answer is not None
        solved, ending = self._score(progress, found, stopped)
        info = {**self._info(), "ending": ending}
        return self._observe(), float(solved), solved or stopped, not (solved or stopped), info

    def close(self) -> None:
        """End browser and sites."""
        self._session, self._spare, self._progress = None, None, None
        self._backend.close()

    @contextmanager
    def _guard(self, steps: int = 1) -> Iterator[None]:
        """Let so many steps' time pass at most. After whatever goes wrong inside nobody knows how
        browser and sites are: the next episode gets new ones.

        Raises LostError if one of their processes died or was stopped, also where the pages only
        showed errors.
        """
        try:
            with self._backend.browser.guard(steps * self._hang_s):
                yield
                self._require_alive(None)
        except Exception as error:
            try:
                self._require_alive(error)
            finally:
                self.close()
            raise

    def _require_alive(self, error: Exception | None) -> None:
        if not isinstance(error, LostError) and (lost := self._backend.lost(error is not None)):
            raise LostError(lost) from error

    def _begun(self, viewport: Mapping[str, int]) -> Session:
        """Return a session with a task's own viewport, the spare one if it has none."""
        width = viewport.get("width", self._look.width)
        height = viewport.get("height", self._look.height)
        look = replace(self._look, width=width, height=height)
        if look != self._look or self._spare is None:
            return Session(self._backend.browser, look)
        spare, self._spare = self._spare, None
        return spare

    def _see(self, session: Session) -> None:
        self._view = session.view()
        self._tabs = "\n".join(
            f"{'*' if front else ' '} [{i}] {title}"
            for i, (title, front) in enumerate(session.tabs())
        )

    def _look_back(self, session: Session, answer: str) -> Findings:
        """Return what the ending has for the task's evaluators."""
        ending = Ending(
            answer=answer,
            url=self._view.url,
            tab=session.tab.page,
            aside=session.aside,
            settle=session.settle_page,
            allows=self._backend.browser.allows,
            picture=self._task_pictures.read,
            shop=self._backend.world.shop(),
        )
        found = self._referee.look(self._task, ending)
        # The next episode's context: starting its process takes longer than loading a page.
        self._spare = self._spare or Session(self._backend.browser, self._look)
        return found

    def _score(
        self, progress: Progress, found: Findings, stopped: bool
    ) -> tuple[bool, dict[str, Any]]:
        """Return whether the task is solved, and the ending as the record keeps it. No page is
        waited for here: a judge may take its time."""
        told = self._referee.describe(self._task, found)
        verdicts = self._referee.decide(self._task, told)
        solved = all(verdicts.values())
        ending = {"stopped": stopped, "subtask": progress.subtask, "findings": told.to_json()}
        if self._gap:
            ending["login"] = self._gap
        progress.finish(solved, {name: float(held) for name, held in verdicts.items()})
        return solved, ending

    def _running(self) -> tuple[Session, Progress]:
        if self._session is None or self._progress is None:
            raise RuntimeError("reset comes first")
        return self._session, self._progress

    def _observe(self) -> Observation:
        texts = {
            "tree": self._view.tree,
            "url": self._view.url,
            "tabs": self._tabs,
            "feedback": self._feedback,
            "dom": self._view.dom,
            VIDEO_KEY: self._video,
            IMAGES_KEY: self._shown,
        }
        seen: Observation = {}
        for name in self._names:
            if name in TEXT_BYTES:
                seen.update(encode(name, texts[name], TEXT_BYTES[name]))
            elif self._view.screenshot is not None:
                seen[name] = self._framed(self._view.screenshot)
                scale = scale_of(self._view.screenshot, self._look.height, self._look.width)
                marks = fit_marks(self._view.marks, scale)
                seen[MARKS_KEY] = rows_of(marks, self._look.width, self._look.height)
        return seen

    def _pictures(self) -> list[Picture]:
        """Return the screenshot that was observed, or else one without numbered boxes."""
        session, _ = self._running()
        if self._view.screenshot is not None:
            return [self._framed(self._view.screenshot)]
        with self._guard():
            return [self._framed(session.screenshot())]

    def _framed(self, picture: Picture) -> Picture:
        """Return a viewport's picture in the size that is declared; a task's own may be another."""
        return fit(picture, self._look.height, self._look.width)

    def _info(self) -> dict[str, Any]:
        _, progress = self._running()
        return {
            "instruction": self.episode.instruction,
            "subtask": progress.subtask,
            "outcomes": progress.outcomes,
        }


make = EntryPoint(VideoWebArenaEnv)
