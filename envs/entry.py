"""What `gymnasium.make` calls for an id of the suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium

from longhaul.envs.episodic import RENDER_MODES, EpisodicEnv
from longhaul.envs.parts import with_parts
from longhaul.errors import require_known


class EntryPoint:
    """Makes envs of a class, in the worker parts asked for (longhaul.envs.parts).

    `metadata` tells Gymnasium the render modes before there is an env: for `rgb_array_list` and
    `human` it then adds wrappers of its own.
    """

    def __init__(self, env_class: type[EpisodicEnv]) -> None:
        self.env_class = env_class
        self.metadata = env_class.metadata

    def __call__(
        self,
        parts: Mapping[str, str] | None = None,
        render_mode: str | None = None,
        **options: Any,
    ) -> gymnasium.Env[Any, Any]:
        """Return an env with these options of its class.

        Raises ConfigError for a `render_mode` that is neither None nor in RENDER_MODES, for parts
        that the env does not offer, and for what the class refuses.
        """
        if render_mode is not None:
            require_known("render_mode", render_mode, RENDER_MODES)
        env = self.env_class(**self.class_options(parts or {}, options))
        env.render_mode = render_mode
        return with_parts(env, parts)

    def class_options(
        self, parts: Mapping[str, str], options: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return what the class is built with; a subclass says where that differs from what was
        asked for."""
        return options
