"""What a browser may ask of a live session; everything that it sends is untrusted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.live.hands import Hand, require_sound
from longhaul.evaluation.viewer.live.keys import Keyboard
from longhaul.policies.policy import Policy, TakesCorrections

FOREVER = 1 << 62
LONGEST = 500
"""Characters of an instruction."""

FASTEST = 1000
"""Steps a second that may be asked for."""

PLAIN = ("pause", "save", "explain")
"""Commands without a value that could be wrong."""


HANDS = ("point", "type", "say", "drop")
"""Commands that a Hand carries out."""


def require_valid(
    command: Mapping[str, Any],
    episodes: Collection[str],
    keyboard: Keyboard,
    hand: Hand | None,
    policy: Policy,
) -> None:
    """Raise ConfigError, in one line, unless a command can be carried out.

    `run` with `steps` (null: on and on) and `pace` (steps a second, 0: as fast as it goes), `reset`
    to an `episode`, `instruct` and `correct` with a `text`, `keys` held down, `pause`, `save`,
    `explain` `on` or off, and what a hand does (`require_sound`).
    """
    match command.get("do"):
        case "run":
            _require_steps(command.get("steps"), command.get("pace", 0))
        case "reset":
            if command.get("episode") not in episodes:
                raise ConfigError(f"episode={command.get('episode')!r} is not in this split")
        case "instruct" | "correct":
            text = command.get("text")
            if not isinstance(text, str) or len(text) > LONGEST:
                raise ConfigError(f"text must be a sentence of at most {LONGEST} characters")
            if command["do"] == "correct" and not isinstance(policy, TakesCorrections):
                raise ConfigError("this policy hears no corrections: type an instruction")
        case "keys":
            keys = command.get("keys")
            if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                raise ConfigError("keys must be a list of names of keys")
            if not keyboard.help:
                raise ConfigError("this env's actions can't be made by keys")
        case do if do in HANDS:
            require_sound(command, hand, LONGEST)
        case do if do not in PLAIN:
            raise ConfigError(f"do={do!r} is unknown")


def _require_steps(steps: Any, pace: Any) -> None:
    if steps is not None and (type(steps) is not int or not 0 < steps < FOREVER):
        raise ConfigError(f"steps={steps!r} must be a whole number above 0, or null")
    if type(pace) not in (int, float) or not 0 <= pace <= FASTEST:
        raise ConfigError(f"pace={pace!r} must be steps a second, 0 to {FASTEST}")
