"""What a Seer's weights demand of the env, and what of it may be resampled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longhaul.envs.specs import ActionSpec, EnvSpec, Requirement
from longhaul.errors import ConfigError, require_known
from longhaul.policies.conventions import CONVENTIONS_KEY, trained_requirement, without
from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.observed import CALVIN_REQUIREMENT, Observed, observed_by
from longhaul.policies.seer.pace import Pace

RESAMPLED = {"pictures": ("pictures",), "rate": ("rate",), "all": ("pictures", "rate")}
"""The values of `policy.resample`, and what of an env may differ from the demonstrations."""


@dataclass(frozen=True)
class Demands:
    """What is read of an env, what it must be, the actions of the demonstrations, and whether
    another rate is resampled."""

    observed: Observed
    requirement: Requirement
    trained: ActionSpec
    resamples_rate: bool

    def paces(self, env: EnvSpec, slots: int, chunk: int, history: int) -> list[Pace]:
        """Return for each slot how actions of the trained rate become the env's.

        `chunk` actions of a prediction are used, and the network has `history` frames. Raises
        ConfigError for rates between which no actions can be split or joined.
        """
        trained, rate = self.trained, env.action.rate
        if not (self.resamples_rate and trained.rate and rate):
            return [Pace(trained, trained.rate) for _ in range(slots)]
        paces = [Pace(trained, rate) for _ in range(slots)]
        joined = paces[0].joined
        ratio = f"the env's {rate:g} Hz are 1/{joined} of the trained {trained.rate:g}"
        if joined > chunk:
            raise ConfigError(
                f"policy.resample: {ratio}, and only {chunk} actions of a prediction are used; "
                "choose an env of a higher rate"
            )
        if joined > 1 and history > 1:
            raise ConfigError(
                f"policy.resample: {ratio}, at which the network's history of {history} frames "
                f"would reach {joined} times as far back as in training; choose an env of a higher "
                "rate"
            )
        return paces


def demands_of(
    checkpoint: Path | None, facts: Mapping[str, Any], config: SeerConfig, resample: str | None
) -> Demands:
    """Return what weights demand by the `facts` of their training; those that tell no conventions
    demand CALVIN's.

    Raises ConfigError for an unknown `resample`, and for weights that read other states than their
    conventions name.
    """
    if resample is not None:
        require_known("policy.resample", resample, RESAMPLED)
    if config.gripper_width and CONVENTIONS_KEY not in facts:
        raise ConfigError(f"{checkpoint} reads finger positions, which CALVIN does not offer")
    demanded = trained_requirement(facts, CALVIN_REQUIREMENT)
    observed = observed_by(demanded)
    named = demanded.observation.by_name() if demanded.observation else {}
    lacking = [n for n in (*observed.cameras, observed.arm, observed.gripper) if n not in named]
    if lacking or observed.widths != config.gripper_width or demanded.action is None:
        raise ConfigError(
            f"{checkpoint} has conventions of other observations than its network reads "
            f"({', '.join(sorted(named)) or 'none'}); take another checkpoint"
        )
    parts = RESAMPLED[resample] if resample else ()
    required = without(demanded, parts)
    return Demands(observed, required, demanded.action, "rate" in parts)
