"""LoHoRavens as a Gymnasium environment: rearrange a tabletop, one pick-and-place a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.entry import EntryPoint
from longhaul.envs.episode import Episode
from longhaul.envs.episodic import EpisodicEnv, Observation, metadata
from longhaul.envs.hooks import Expert
from longhaul.envs.lohoravens.cameras import Cameras, Noise
from longhaul.envs.lohoravens.captions import describe
from longhaul.envs.lohoravens.conventions import (
    MAP_SPECS,
    OBSERVATIONS,
    PICTURE_SPECS,
    action_of,
    action_space,
    conventions,
    observation_space,
    tips_of,
)
from longhaul.envs.lohoravens.episodes import SPLITS, TRAINING_SPLIT, episode_at, episodes, size
from longhaul.envs.lohoravens.expert import LoHoRavensExpert
from longhaul.envs.lohoravens.fusion import Fusion
from longhaul.envs.lohoravens.goals import Atom
from longhaul.envs.lohoravens.motion import Tip
from longhaul.envs.lohoravens.primitives import ActionResult
from longhaul.envs.lohoravens.progress import Progress
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.skills import Refusal, ground
from longhaul.envs.lohoravens.tabletop import Tabletop
from longhaul.envs.lohoravens.things import Layout, TableState
from longhaul.envs.lohoravens.views import CAMERA_NAMES
from longhaul.envs.pictures import Picture, upright
from longhaul.envs.render.light import SHADOWS, Light
from longhaul.envs.render.renderer import (
    KINDS,
    STATIC_LAYERS,
    describe_renderer,
    without_layer,
)
from longhaul.errors import ConfigError, require_known
from longhaul.options import group, names
from longhaul.profiling import part

Action = Mapping[str, NDArray[np.float32]]

Result = tuple[Observation, float, bool, bool, dict[str, Any]]


RENDERED_SPEC = PICTURE_SPECS["rgb_front"]
"""The camera that `render` shows where no picture is observed."""

SKILL_STREAM = 3
"""Number of the episode's random stream from which places are drawn that a skill leaves open."""


@dataclass(frozen=True)
class Perturb:
    """Disturbances of an episode. Raises ConfigError for a number that cannot be.

    Attributes:
        rgb: The standard deviation of the cameras' colors, in levels of 255.
        depth: The standard deviation of the cameras' depth, in m.
        drop: The probability that a thing falls off the cup on its way.
    """

    rgb: float = 0.0
    depth: float = 0.0
    drop: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < float("inf") or (name == "drop" and value > 1):
                top = "0 to 1" if name == "drop" else "at least 0"
                raise ConfigError(f"env.perturb.{name}={value} must be {top}")


class LoHoRavensEnv(EpisodicEnv):
    """Fulfills longhaul.envs.specs.Env. The simulator starts with the first reset.

    A step is one whole pick-and-place, or push where the arm has the spatula. Raises ConfigError
    naming the valid values for a wrong one.

    The reward of a step is the change in the share of required atoms that hold (-1 to 1), so an
    episode's return is the share that holds in the end.

    Args:
        tasks: Names of the tasks that a split is limited to; an empty list is all of them.
        renderer: What draws the pictures, gl, bullet_egl or bullet_tiny (longhaul.envs.render).
        shadow: The shadows in the pictures, none or soft.
        observations: What is observed: rgb_map and height_map are the table from above, fused from
            the three cameras; rgb_front, depth_front, rgb_left, depth_left, rgb_right and
            depth_right are those cameras' own; without any of these nothing is drawn.
        fast_motion: True puts the arm where it would go through free space.
        perturb: Disturbances, drawn from each episode's seed.
        static_layer: Whether what stands still is kept from picture to picture, auto, on or off
            (longhaul.envs.render.renderer.STATIC_LAYERS); pictures are the same. It needs
            shadow=none.
    """

    metadata = metadata(render_fps=1)

    def __init__(
        self,
        tasks: Sequence[str] = (),
        renderer: str = "gl",
        shadow: str = "soft",
        observations: Sequence[str] = ("rgb_map", "height_map"),
        fast_motion: bool = False,
        perturb: Perturb | Mapping[str, float] = Perturb(),
        static_layer: str = "auto",
    ) -> None:
        super().__init__()
        require_known("env.renderer", renderer, KINDS)
        require_known("env.shadow", shadow, SHADOWS)
        require_known("env.static_layer", static_layer, STATIC_LAYERS)
        observations = names("env.observations", observations)
        self.conventions = conventions(observations, SPLITS, TRAINING_SPLIT)
        self.observation_space = observation_space(observations)
        self.action_space = action_space()
        self._names = observations
        self._tasks = names("env.tasks", tasks)
        self._renderer, self._shadow, self._static_layer = renderer, shadow, static_layer
        self._fast = fast_motion
        disturb = group("env.perturb", perturb, Perturb)
        self._noise, self._drop = Noise(disturb.rgb, disturb.depth), disturb.drop
        self._table: Tabletop | None = None
        self._cameras: Cameras | None = None
        self._progress: Progress | None = None
        self._wanted: Atom | None = None

    def episodes(self, split: str, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` episodes of a split (all of them if None).

        Raises ConfigError naming the valid ones for an unknown split or task.
        """
        return episodes(split, n, seed, self._tasks)

    def _drawn(self, generator: np.random.Generator) -> Episode:
        split = self.conventions.splits[0]
        index = int(generator.integers(size(split, self._tasks)))
        return episode_at(index, split, 0, self._tasks)

    def provenance(self) -> dict[str, str]:
        """Return the renderer that really draws, if one does."""
        if not self._names:
            return {}
        kind, description = describe_renderer(self._renderer)
        return {"renderer": kind, "renderer_description": description}

    def beside(self) -> dict[str, str]:
        """Return why there is no static layer where one was asked for."""
        if not self._names:
            return {}
        return without_layer(self._static_layer, self._renderer, Light(shadow=self._shadow))

    def expert(self) -> Expert:
        """Return the oracle for the present episode. Raises RuntimeError before a reset."""
        self._running()
        return LoHoRavensExpert(lambda: (self.episode, self.state(), self._running()[1].subtask))

    @property
    def table(self) -> Tabletop:
        """The simulator, for what stands beside the policy (experts, tools, tests)."""
        return self._running()[0]

    def state(self) -> TableState:
        """Return where everything is, for what stands beside the policy."""
        return self._state

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin `options["episode"]`, or one of split `seen` that `seed` draws (EpisodicEnv)."""
        episode = self._chosen(seed, options)
        if self._table is None:
            self._table = Tabletop(self._fast)
        self.episode = episode
        self._table.reset(Layout.from_json(episode.start), episode.seed, self._drop)
        self._state = self._table.state()
        self._progress = Progress(episode, self._state)
        self._new_pictures = True
        self._generator = np.random.default_rng([episode.seed, SKILL_STREAM])
        self._result, self._wanted, self._refusal = ActionResult(executed=False), None, ""
        info = self._info()
        return self._observe(info, over=False), info

    def step(self, action: Action) -> Result:
        """Pick at `action["pose0"]` and place at `action["pose1"]`; all comes to rest.

        A quaternion of norm 0 counts as no rotation. Raises ValueError naming
        key and value for a bad action, and RuntimeError when the episode is over.
        """
        return self._go_on(tips_of(action))

    def perform(self, skill: str) -> Result:
        """Take the step that a skill says (longhaul.envs.lohoravens.skills), for `skills: oracle`.

        A skill that cannot be is a step in which nothing happens; `info["refusal"]` says why.
        """
        try:
            start, end, atom = ground(skill, self.state(), self._generator)
        except Refusal as refusal:
            return self._go_on(None, refusal=str(refusal))
        return self._go_on(tips_of(action_of(start, end)), atom)

    def caption(self) -> str:
        """Return the true scene in words, for `captions: oracle`."""
        return describe(self.state())

    def succeeded(self) -> bool:
        """Return whether the last step did what it was to do, for `success: oracle`.

        That is: what the skill asked for holds, or what was picked lies where it was let go.
        """
        if self._wanted is not None:
            return self._result.executed and bool(self._wanted.facts(Scene(self.state())))
        return self._result.stayed

    def close(self) -> None:
        """Free simulator and renderer."""
        if self._cameras is not None:
            self._cameras.close()
            self._cameras = None
        if self._table is not None:
            self._table.close()
            self._table = None
        self._progress = None

    def _running(self) -> tuple[Tabletop, Progress]:
        if self._table is None or self._progress is None:
            raise RuntimeError("LoHoRavens: reset comes first")
        return self._table, self._progress

    def _go_on(
        self, tips: tuple[Tip, Tip] | None, wanted: Atom | None = None, refusal: str = ""
    ) -> Result:
        table, progress = self._running()
        if progress.over:
            raise RuntimeError(f"episode {self.episode.id} is over: reset before the next step")
        self._wanted, self._refusal = wanted, refusal
        with part("physics"):
            self._result = ActionResult(executed=False) if tips is None else table.act(*tips)
        with part("state"):
            self._state = table.state()
        before = progress.score
        progress.update(self._state)
        over = progress.completed or progress.failed
        reward = (progress.score - before) / 100
        info = self._info()
        observation = self._observe(info, over or progress.timed_out)
        return observation, reward, over, progress.timed_out, info

    def _observe(self, info: Mapping[str, Any], over: bool) -> Observation:
        # Every picture advances the generator of the sensors' noise: with noise all are drawn.
        noisy = self._noise.rgb > 0 or self._noise.depth > 0
        names = self._names if noisy else self._due(self._names, info, over)
        return self._shown(names, noisy=True)

    def _pictures(self) -> list[Picture]:
        names = self.conventions.video or (RENDERED_SPEC.name,)
        shown = self._shown(names, noisy=False)
        return [upright(shown[name], OBSERVATIONS[name]) for name in names]

    def _shown(self, names: Sequence[str], noisy: bool) -> Observation:
        """Return pictures by name; cameras are made when used."""
        seen: Observation = {}
        if not names:
            return seen
        table, _ = self._running()
        if self._cameras is None:
            self._cameras = Cameras(self._renderer, self._shadow, self._noise, self._static_layer)
            self._fuse = Fusion(CAMERA_NAMES)
        if self._new_pictures:
            self._cameras.begin(table, self.episode.seed)
        self._new_pictures = False
        with part("pictures"):
            frames = self._cameras.take(table, noisy=noisy)
        for camera, frame in frames.items():
            seen[f"rgb_{camera}"] = frame.rgb
            assert frame.depth is not None
            seen[f"depth_{camera}"] = frame.depth
        if any(name in MAP_SPECS for name in names):
            with part("map"):
                seen["rgb_map"], seen["height_map"] = self._fuse(frames)
        return {name: seen[name] for name in names}

    def _info(self) -> dict[str, Any]:
        _, progress = self._running()
        return {
            "instruction": progress.instruction,
            "subtask": progress.subtask,
            "outcomes": progress.outcomes,
            "executed": self._result.executed,
            "grasped": self._result.grasped,
            "refusal": self._refusal,
        }


make = EntryPoint(LoHoRavensEnv)
