"""LH-VLN as a Gymnasium environment: a robot in a house, one instruction, several subtasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from longhaul.envs.entry import EntryPoint
from longhaul.envs.episode import Episode
from longhaul.envs.episodic import EpisodicEnv, Observation, metadata
from longhaul.envs.hooks import Expert
from longhaul.envs.lhvln.backends import describe_simulator, open_simulator, require_simulator
from longhaul.envs.lhvln.captions import describe
from longhaul.envs.lhvln.conventions import (
    ACTIONS,
    PICTURES,
    STOP_ACTION,
    conventions,
    observation_space,
)
from longhaul.envs.lhvln.dataset import EPISODE_KINDS, Kind
from longhaul.envs.lhvln.episodes import Source
from longhaul.envs.lhvln.expert import STOP_RADIUS_M, LhVlnExpert
from longhaul.envs.lhvln.place import place
from longhaul.envs.lhvln.progress import REACHED_M, SUCCESS_RULES, Progress, Rule
from longhaul.envs.lhvln.simulator import CAMERA_HEIGHTS_M, Cameras, Simulator
from longhaul.envs.lhvln.simulator import Picture as View
from longhaul.envs.lhvln.targets import EpisodeError
from longhaul.envs.pictures import Picture
from longhaul.errors import ConfigError, require_known, unknown
from longhaul.options import names
from longhaul.profiling import part

RGB_VIEWS = ("rgb_left", "rgb_front", "rgb_right")

DATASET = "builtin:small"
"""The dataset of an env that is asked for none: it is generated (longhaul.configs.navigation)."""

MAX_OPEN_SCENES = 2
"""Number of scenes that stay open, since episodes in a row often share a scene."""


class LhVlnEntryPoint(EntryPoint):
    """Leaves an option that is None at its default, and has captions say what the cameras see."""

    def class_options(
        self, parts: Mapping[str, str], options: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        given = {name: value for name, value in options.items() if value is not None}
        return {**given, "captions": "captions" in parts}


class LhVlnEnv(EpisodicEnv):
    """Fulfills longhaul.envs.specs.Env. A simulator starts with the first reset.

    Raises ConfigError naming the valid values for a wrong one.

    The reward is sparse: a stop that completes one of n subtasks gives 1/n, all else 0.

    Args:
        dataset: A folder, ours (longhaul.envs.lhvln.dataset) or LHPR-VLN's; on the command line
            also builtin:small, which is generated when first used.
        scenes: A folder of scenes, such as HM3D's; None takes the dataset's own.
        kind: What an episode is, task (a whole task) or step (a leg of one, told step by step).
        success: Who is at a target, official (a geodesic distance below 1 m) or strict (1 m at most
            and within 60 degrees ahead).
        simulator: What simulates, builtin or habitat.
        gpu: The device that habitat draws on.
        observations: What is observed, of rgb_* and depth_* (left, front, right), pose and step;
            without a picture nothing is drawn. On the command line None takes what the policy asks
            for, else the three rgb_*.
        size: The pixels of a picture's side. On the command line None takes what the policy asks
            for, else 256.
        hfov: The pictures' horizontal field of view, in degrees.
        max_steps: The actions of an episode, stops included.
        approach: Less than how many m from a target the expert stops: nearer ends say better in
            demonstrations what was meant.
        captions: True has the cameras tell things apart, for worker part `captions: oracle`.
    """

    metadata = metadata(render_fps=4)

    def __init__(
        self,
        dataset: str = DATASET,
        scenes: str | None = None,
        kind: Kind = "task",
        success: Rule = "official",
        simulator: str = "builtin",
        gpu: int = 0,
        observations: Sequence[str] = RGB_VIEWS,
        size: int = 256,
        hfov: float = 90,
        max_steps: int = 500,
        approach: float = STOP_RADIUS_M,
        *,
        captions: bool = False,
    ) -> None:
        super().__init__()
        require_known("env.kind", kind, EPISODE_KINDS)
        require_known("env.success", success, SUCCESS_RULES)
        require_simulator(simulator)
        for option, number in (("size", size), ("max_steps", max_steps)):
            if number < 1:
                raise ConfigError(f"env.{option}={number} must be at least 1")
        if not 0.2 <= approach <= REACHED_M:
            raise ConfigError(f"env.approach={approach} must be between 0.2 and {REACHED_M} m")
        if not 0 < hfov < 180:
            raise ConfigError(f"env.hfov={hfov} must be between 0 and 180 degrees")
        observations = names("env.observations", observations)
        self._source = Source(Path(dataset), None if scenes is None else Path(scenes))
        splits = self._source.splits
        training = "train" if "train" in splits else splits[0]
        self.conventions = conventions(observations, size, splits, training)
        self.observation_space = observation_space(observations, size, max_steps)
        self.action_space = spaces.Discrete(len(ACTIONS))
        self._names = observations
        self._kind, self._rule, self._limit = kind, success, max_steps
        self._simulator_kind, self._gpu, self._approach = simulator, gpu, approach
        depth = captions or any(name.startswith("depth_") for name in observations)
        self._cameras = Cameras(size, hfov, depth, ids=captions)
        self._views: Mapping[str, View] = {}
        self._simulators: dict[str, Simulator] = {}
        self._simulator: Simulator | None = None
        self._progress: Progress | None = None

    def episodes(self, split: str, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` episodes of a split (all of them if None).

        Raises ConfigError naming the valid ones for an unknown split, and for a missing scene.
        """
        return self._source.episodes(split, self._kind, n, seed)

    def provenance(self) -> dict[str, str]:
        """Return the simulator and what draws, and a hash of the tasks."""
        return {**describe_simulator(self._simulator_kind), "tasks": self._source.fingerprint()}

    def expert(self) -> Expert:
        """Return the expert for the present episode. Raises RuntimeError before a reset."""
        self._running()
        return LhVlnExpert(self._running, self._rule, self._approach)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin `options["episode"]`, or one of the dataset's that `seed` draws (EpisodicEnv).

        Raises EpisodeError for one that cannot be run.
        """
        episode = self._chosen(seed, options)
        self.episode, self._progress = episode, None
        self._simulator = simulator = self._open(episode)
        try:
            place(simulator, episode)
            self._progress = Progress(episode, simulator, self._rule, self._limit)
        except EpisodeError as error:
            scene = episode.start["scene"]
            raise EpisodeError(f"episode {episode.id} in scene {scene}: {error}") from None
        info = self._info()
        return self._observe(info, over=False), info

    def step(self, action: int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Carry out an action, a number of ACTIONS; a stop closes the current subtask.

        The reward of a stop that succeeds is one part of as many as there are subtasks. Raises
        ValueError for an action that is none, and RuntimeError when the episode is over.
        """
        simulator, progress = self._running()
        if progress.completed or progress.timed_out:
            raise RuntimeError(f"episode {self.episode.id} is over: reset before the next step")
        if not self.action_space.contains(action):
            raise ValueError(f"action {action!r} is none of 0 to 3: {', '.join(ACTIONS)}")
        reward = 0.0
        if action == STOP_ACTION:
            reward = progress.stop() / len(progress.targets)
        else:
            with part("physics"):
                simulator.act(ACTIONS[action])  # type: ignore[arg-type]  # all but stop are Motions
            with part("state"):
                progress.move()
        info = self._info()
        observation = self._observe(info, progress.completed or progress.timed_out)
        return observation, reward, progress.completed, progress.timed_out, info

    def caption(self) -> str:
        """Return what is in view in words, for `captions: oracle`."""
        simulator, _ = self._running()
        return describe(self._views, simulator.objects, self._cameras.hfov)

    def targets(self) -> list[NDArray[np.float64]]:
        """Return for each subtask the centers (K, 3) in meters of the objects that count."""
        _, progress = self._running()
        return [np.array([thing.center for thing in t.objects]) for t in progress.targets]

    def close(self) -> None:
        """Free all simulators."""
        for simulator in self._simulators.values():
            simulator.close()
        self._simulators, self._simulator, self._progress = {}, None, None

    def _running(self) -> tuple[Simulator, Progress]:
        if self._simulator is None or self._progress is None:
            raise RuntimeError("LH-VLN: reset comes first")
        return self._simulator, self._progress

    def _open(self, episode: Episode) -> Simulator:
        """Return the simulator of an episode's scene, seen as its robot sees; the last ones stay
        open."""
        scene, robot = episode.start["scene"], episode.start["robot"]
        if robot not in CAMERA_HEIGHTS_M:
            raise EpisodeError(unknown(f"episode {episode.id}: robot {robot!r}", CAMERA_HEIGHTS_M))
        simulator = self._simulators.pop(scene, None)
        if simulator is None:
            while len(self._simulators) >= MAX_OPEN_SCENES:
                self._simulators.pop(next(iter(self._simulators))).close()
            folder = self._source.scene(scene)
            simulator = open_simulator(self._simulator_kind, folder, self._cameras, self._gpu)
        simulator.camera_height = CAMERA_HEIGHTS_M[robot]
        self._simulators[scene] = simulator
        return simulator

    def _observe(self, info: Mapping[str, Any], over: bool) -> Observation:
        simulator, progress = self._running()
        due = self._due(self._names, info, over)
        pose = simulator.pose
        seen: Observation = {
            "pose": np.array([*pose.position, pose.yaw], np.float32),
            "step": np.array([progress.steps], np.int32),
        }
        draws = self._cameras.ids or any(name in PICTURES for name in due)
        with part("pictures"):
            self._views = simulator.observe() if draws else {}
        for view, picture in self._views.items():
            seen[f"rgb_{view}"] = picture.rgb
            if picture.depth is not None:
                seen[f"depth_{view}"] = picture.depth
        return {name: seen[name] for name in due}

    def _pictures(self) -> list[Picture]:
        simulator, _ = self._running()
        shown = simulator.observe()
        return [
            shown[name.removeprefix("rgb_")].rgb for name in self.conventions.video or RGB_VIEWS
        ]

    def _info(self) -> dict[str, Any]:
        _, progress = self._running()
        return {
            "instruction": self.episode.instruction,
            "subtask": progress.subtask,
            "outcomes": progress.outcomes,
        }
