"""CALVIN as a Gymnasium environment: five instructed tasks in a row at the play table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.calvin.bodies import Assets
from longhaul.envs.calvin.cameras import CAMERA_NAMES, Cameras
from longhaul.envs.calvin.chains import remark
from longhaul.envs.calvin.conventions import (
    PICTURES,
    SCENE_OBS,
    action_space,
    conventions,
    observation_space,
)
from longhaul.envs.calvin.episodes import SPLITS, episode_at, episodes, starts
from longhaul.envs.calvin.history import HISTORIES, REMARKS, History
from longhaul.envs.calvin.play import PLAY_LENGTH, play_episodes
from longhaul.envs.calvin.progress import Progress
from longhaul.envs.calvin.randomize import RANDOMIZE
from longhaul.envs.calvin.scenes import scene_named
from longhaul.envs.calvin.sequences import SEQUENCE_COUNT
from longhaul.envs.calvin.simulation import Mode, PlayTable
from longhaul.envs.entry import EntryPoint
from longhaul.envs.episode import Episode
from longhaul.envs.episodic import EpisodicEnv, Observation, metadata
from longhaul.envs.hooks import Expert, Labeler
from longhaul.envs.pictures import Picture
from longhaul.envs.render.light import SHADOWS, Light
from longhaul.envs.render.renderer import (
    KINDS,
    STATIC_LAYERS,
    describe_renderer,
    without_layer,
)
from longhaul.envs.render.view import Frame
from longhaul.errors import ConfigError, require_known
from longhaul.options import names
from longhaul.profiling import part

ACTION_TOLERANCE = 1e-6
"""How far beyond its bounds a component of an action may be: rounding of a policy's tanh."""


class CalvinEnv(EpisodicEnv):
    """Fulfills longhaul.envs.specs.Env. The simulator starts with the first reset.

    Raises ConfigError naming the valid values for a wrong one.

    The reward is sparse: 1 for the step that completes a subtask, else 0; so an episode's return
    is the number of subtasks done in a row.

    Args:
        scene: Which table is played at, A, B, C or D.
        assets: A folder with calvin_env's data, in the layout of its data folder; None has the
            scene built by code.
        renderer: What draws the pictures, gl, bullet_egl or bullet_tiny (longhaul.envs.render).
        shadow: The shadows in the pictures, none or soft.
        observations: What is observed, of rgb_static, rgb_gripper, depth_static, depth_gripper,
            robot_obs and scene_obs; without a picture nothing is ever drawn.
        action: What an action means, rel (steps of the target pose) or abs (the TCP's pose).
        subtask_steps: Steps of 1/30 s that each subtask has.
        chain: Tasks that are done instead of each sequence's own five, from those start states in
            which they are possible.
        play_length: How many tasks in a row an episode of split play has.
        randomize: What is drawn from each episode's seed, none, light or light_camera, which also
            moves the static camera a little (longhaul.envs.calvin.randomize); both need renderer
            gl.
        history: Whether each episode has a world built anew, or one world is kept and reset by
            poses, anew or kept; kept is what calvin_env does, and there an episode depends on those
            before it in the same process (envs/calvin/README.md).
        static_layer: Whether what stands still is kept from picture to picture, auto, on or off
            (longhaul.envs.render.renderer.STATIC_LAYERS); pictures are the same.
    """

    metadata = metadata(render_fps=30)

    def __init__(
        self,
        scene: str = "D",
        assets: str | None = None,
        renderer: str = "gl",
        shadow: str = "none",
        observations: Sequence[str] = ("rgb_static", "rgb_gripper", "robot_obs"),
        action: Mode = "rel",
        subtask_steps: int = 360,
        chain: Sequence[str] = (),
        play_length: int = PLAY_LENGTH,
        randomize: str = "none",
        history: History = "anew",
        static_layer: str = "auto",
    ) -> None:
        super().__init__()
        require_known("env.renderer", renderer, KINDS)
        require_known("env.shadow", shadow, SHADOWS)
        require_known("env.randomize", randomize, RANDOMIZE)
        require_known("env.history", history, HISTORIES)
        require_known("env.static_layer", static_layer, STATIC_LAYERS)
        for option, number in (("subtask_steps", subtask_steps), ("play_length", play_length)):
            if number < 1:
                raise ConfigError(f"env.{option}={number} must be at least 1")
        if assets is not None and not Path(assets).is_dir():
            raise ConfigError(f"env.assets={assets} is not a folder")
        observations = names("env.observations", observations)
        self.conventions = conventions(observations, action)
        self.observation_space = observation_space(observations)
        self.action_space = bounds = action_space(action)
        self._bounds = bounds.high.astype(np.float64) + ACTION_TOLERANCE
        self._names = observations
        self._scene = scene_named(scene).name
        self._assets = None if assets is None else Path(assets)
        self._renderer = renderer
        self._light = Light(shadow=shadow)
        self._static_layer = static_layer
        self._mode: Mode = action
        self._limit = subtask_steps
        self._chain = names("env.chain", chain)
        self._play_length = play_length
        self._randomize = randomize
        self._history: History = history
        pictures = [spec.name.split("_") for spec in self.conventions.observation.cameras]
        self._cameras_used = tuple(dict.fromkeys(camera for _, camera in pictures))
        self._depth = any(kind == "depth" for kind, _ in pictures)
        self._table: PlayTable | None = None
        self._cameras: Cameras | None = None
        self._progress: Progress | None = None

    def episodes(self, split: str, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` of a split's episodes, in this scene.

        Split play has as many as asked for (longhaul.envs.calvin.play); the others have the
        benchmark's 1000, all if `n` is None. Raises ConfigError naming the valid splits for an
        unknown one.
        """
        require_known("split", split, self.conventions.splits)
        if split not in SPLITS:
            if self._chain:
                raise ConfigError(f"env.chain is for splits {', '.join(SPLITS)}, not {split}")
            return play_episodes(n, seed, self._scene, self._play_length)
        return episodes(split, n, seed, self._scene, self._chain)

    def _drawn(self, generator: np.random.Generator) -> Episode:
        numbers = starts(self._chain) if self._chain else range(SEQUENCE_COUNT)
        number = numbers[int(generator.integers(len(numbers)))]
        return episode_at(number, 0, self._scene, self._chain)

    def remarks(self, split: str) -> list[str]:
        """Return sentences on start states that a chain leaves out, and on a kept history."""
        told = remark(self._chain) if self._chain and split in SPLITS else ""
        return [text for text in (told, REMARKS[self._history]) if text]

    def remembers(self) -> str:
        """Return the option by which an episode depends on those before it, or "" if none does."""
        return "" if self._history == "anew" else f"env.history={self._history}"

    def beside(self) -> dict[str, str]:
        """Return what must stand beside a result: a history other than that of a world anew, and
        why there is no static layer where one was asked for."""
        told = {} if self._history == "anew" else {"history": str(self._history)}
        if self._cameras_used:
            told |= without_layer(self._static_layer, self._renderer, self._light)
        return told

    def provenance(self) -> dict[str, str]:
        """Return the scene, a hash of its files, the renderer that really draws.

        `privileged` names simulator state among the observations, where there is any. Raises
        ConfigError if another renderer than gl would draw what is to be randomized.
        """
        assets = Assets.find(scene_named(self._scene), self._assets)
        found = {"scene": self._scene, "assets": assets.digest()}
        if SCENE_OBS.name in self._names:
            found["privileged"] = SCENE_OBS.name
        if self._cameras_used:
            found["renderer"], found["renderer_description"] = describe_renderer(self._renderer)
            if self._randomize != "none" and found["renderer"] != "gl":
                raise ConfigError(
                    f"env.randomize={self._randomize} needs renderer gl, and "
                    f"{found['renderer']} would draw here; use randomize=none"
                )
        return found

    def expert(self) -> Expert:
        """Return the scripted expert, which gives relative actions for the current subtask.

        Raises ConfigError in an env of absolute actions and RuntimeError before the first reset.
        """
        from longhaul.envs.calvin.expert import CalvinExpert

        if self._mode != "rel":
            raise ConfigError(
                f"env.action={self._mode}: the expert gives relative actions; use rel"
            )
        return CalvinExpert(self.table, self._current)

    def labeler(self) -> Labeler:
        """Return what labels the windows of play that is to come, as CALVIN's dataset does.

        Raises RuntimeError before the first reset.
        """
        from longhaul.envs.calvin.labels import PlayLabeler

        return PlayLabeler(self.table.state)

    @property
    def table(self) -> PlayTable:
        """The simulator, for what stands beside the policy (experts, tools, tests)."""
        return self._running()[0]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin `options["episode"]`, or one of the 1000 that `seed` draws (EpisodicEnv).

        Raises ValueError for an episode of another scene.
        """
        episode = self._chosen(seed, options)
        if episode.start["scene"] != self._scene:
            raise ValueError(
                f"episode {episode.id} is of scene {episode.start['scene']}, env of {self._scene}"
            )
        if self._table is None:
            self._table = PlayTable(self._scene, self._assets, self._history)
        self.episode = episode
        self._table.reset(episode.start["robot_obs"], episode.start["scene_obs"])
        self._new_pictures = True
        self._progress = Progress(episode.subtasks, self._limit, self._table.state())
        info = self._info()
        return self._observe(info, over=False), info

    def step(self, action: ArrayLike) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Apply an action (7,) for 1/30 s; the reward is 1 when a subtask is done.

        The gripper opens if its component is 0 or more, and closes else, as in calvin_env. Raises
        ValueError naming the value for an action that is not finite or out of bounds, and
        RuntimeError when the episode is over.
        """
        table, progress = self._running()
        if progress.over:
            raise RuntimeError(f"episode {self.episode.id} is over: reset before the next step")
        with part("physics"):
            table.step(self._valid(action), self._mode)
        before = progress.subtask, progress.completed
        with part("state"):
            progress.update(table.state())
        reward = float((progress.subtask, progress.completed) != before)
        info = self._info()
        observation = self._observe(info, progress.over)
        return observation, reward, progress.completed, progress.timed_out, info

    def close(self) -> None:
        """Free simulator and renderer."""
        if self._cameras is not None:
            self._cameras.close()
            self._cameras = None
        if self._table is not None:
            self._table.close()
            self._table = None
        self._progress = None

    def _current(self) -> tuple[int, str]:
        """Return index and name of the current subtask."""
        index = self._running()[1].subtask
        return index, self.episode.subtasks[index].name

    def _running(self) -> tuple[PlayTable, Progress]:
        if self._table is None or self._progress is None:
            raise RuntimeError("CALVIN: reset comes first")
        return self._table, self._progress

    def _valid(self, action: ArrayLike) -> NDArray[np.float64]:
        values = np.asarray(action, np.float64)
        if values.shape != (7,):
            raise ValueError(f"action {values.tolist()} must have 7 components")
        if not np.all(np.abs(values) <= self._bounds):  # NaN compares false
            raise ValueError(f"action {values.tolist()} is not finite or beyond {self._bounds}")
        return np.array([*values[:6], 1.0 if values[6] >= 0 else -1.0])

    def _observe(self, info: Mapping[str, Any], over: bool) -> Observation:
        table, _ = self._running()
        due = self._due(self._names, info, over)
        observation: Observation = {}
        if any(name in PICTURES for name in due):  # all or none: they are parts of one drawing
            for camera, frame in self._taken(self._cameras_used, self._depth).items():
                observation[f"rgb_{camera}"] = frame.rgb
                if frame.depth is not None:
                    observation[f"depth_{camera}"] = frame.depth
        with part("state"):
            observation["robot_obs"] = table.robot_obs().astype(np.float32)
            observation["scene_obs"] = table.scene_obs().astype(np.float32)
        return {name: observation[name] for name in due}

    def _pictures(self) -> list[Picture]:
        used = [name.removeprefix("rgb_") for name in self.conventions.video]
        return [frame.rgb for frame in self._taken(used or CAMERA_NAMES, depth=False).values()]

    def _taken(self, names: Sequence[str], depth: bool) -> dict[str, Frame]:
        """Return a frame per camera name, lit as the episode is; cameras are made when used."""
        if self._cameras is None:
            self._cameras = Cameras(
                self._running()[0], self._renderer, self._light, self._static_layer
            )
        if self._new_pictures and self._randomize != "none":
            self._cameras.randomize(self.episode.seed, self._randomize == "light_camera")
        self._new_pictures = False
        with part("pictures"):
            return self._cameras.take(names, depth)

    def _info(self) -> dict[str, Any]:
        table, progress = self._running()
        info = {
            "instruction": self.episode.subtasks[progress.subtask].instruction,
            "subtask": progress.subtask,
            "outcomes": progress.outcomes,
        }
        if self._history == "kept":
            past = {"rollouts": table.past.rollouts, "hash": table.past.digest}
            info["ending"] = {"history": past}
        return info


make = EntryPoint(CalvinEnv)
