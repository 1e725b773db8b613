"""What every environment of the suite does alike: resets begin episodes, and it renders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import logger
from numpy.typing import NDArray

from longhaul.envs.episode import Episode
from longhaul.envs.hooks import Wanted
from longhaul.envs.pictures import Picture, side_by_side
from longhaul.envs.specs import EnvSpec

Observation = dict[str, NDArray[Any]]

RENDER_MODES = ("rgb_array",)


def metadata(render_fps: float) -> dict[str, Any]:
    """Return what Gymnasium asks of an env class; `render_fps` is its control frequency in Hz of
    simulated time."""
    return {"render_modes": list(RENDER_MODES), "render_fps": render_fps}


class EpisodicEnv(gymnasium.Env[Any, Any], ABC):
    """A `gymnasium.Env` that fulfills longhaul.envs.specs.Env in part; a subclass adds the rest.

    `reset(options={"episode": Episode})` begins that episode, which says everything; `seed` then
    seeds `np_random` alone. `reset(seed=n)` without an episode begins one of the default split's
    (the first of `conventions.splits`), drawn by n; `reset()` draws the next one.
    """

    metadata = metadata(render_fps=30)
    conventions: EnvSpec
    episode: Episode
    """The episode of the last reset."""

    def __init__(self) -> None:
        self._default_split: Sequence[Episode] = ()
        self._draws_only: Wanted | None = None

    @abstractmethod
    def episodes(self, split: str, n: int | None, seed: int) -> Sequence[Episode]:
        """Return the first `n` episodes of a split (all of them if None)."""

    def draw_only(self, wanted: Wanted | None) -> None:
        """Draw no observation that is not wanted (longhaul.envs.hooks.DrawsOnDemand)."""
        self._draws_only = wanted

    def _due(self, names: Sequence[str], info: Mapping[str, Any], over: bool) -> Sequence[str]:
        """Return those of the observations' names that are wanted of the present state."""
        if self._draws_only is None:
            return names
        wanted = self._draws_only(info, over)
        return [name for name in names if name in wanted]

    def render(self) -> Picture | None:
        """Return the present state as the `video` cameras show it, (H, W, 3) uint8 in one row.

        Where the observations hold no picture, the env's usual cameras are drawn. Rendering
        changes no observation. Returns None, and warns, in an env made without a `render_mode`.
        """
        if self.render_mode is None:
            logger.warn("render() needs an env made with render_mode='rgb_array'")
            return None
        return side_by_side(self._pictures())

    @abstractmethod
    def _pictures(self) -> Sequence[Picture]:
        """Return what the cameras of `render` show now, (H, W, 3) uint8 each, upright."""

    def _chosen(self, seed: int | None, options: dict[str, Any] | None) -> Episode:
        """Seed `np_random` and return the episode that a reset is to begin.

        Raises ValueError for an `options["episode"]` that is no Episode.
        """
        super().reset(seed=seed)
        episode = (options or {}).get("episode")
        if episode is None:
            episode = self._drawn(self.np_random)
        if not isinstance(episode, Episode):
            raise ValueError(f'options["episode"] must be an Episode, not {episode!r}')
        return episode

    def _drawn(self, generator: np.random.Generator) -> Episode:
        """Return one of the default split's episodes, each as likely."""
        if not self._default_split:
            self._default_split = self.episodes(self.conventions.splits[0], None, 0)
        return self._default_split[int(generator.integers(len(self._default_split)))]
