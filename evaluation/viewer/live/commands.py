"""Checks the commands that browsers send to a live session; everything in them is untrusted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.live.hands import Hand, require_sound
from longhaul.evaluation.viewer.live.keys import Keyboard
from longhaul.policies.policy import Policy, TakesCorrections

UNLIMITED_STEPS = 1 << 62
"""The number of steps that stands for a run without a limit."""

MAX_INSTRUCTION_CHARS = 500
"""The largest number of characters of an instruction."""

MAX_PACE_HZ = 1000
"""The largest pace, in steps per second."""

COMMANDS_WITHOUT_VALUE = ("pause", "save", "explain")
"""Commands without a value to check."""


HAND_COMMANDS = ("point", "type", "say", "drop")
"""Commands that a Hand carries out."""


def require_valid(
    command: Mapping[str, Any],
    episodes: Collection[str],
    keyboard: Keyboard,
    hand: Hand | None,
    policy: Policy,
) -> None:
    """Raise ConfigError, in one line, unless a command can be carried out.

    The commands are `run` with `steps` (null: without a limit) and `pace` (steps per second, 0: as
    fast as possible), `reset` with an `episode`, `instruct` and `correct` with a `text`, `keys`
    with the keys that are held down, `pause`, `save`, `explain` with `on` true or false, and those
    of a hand (`require_sound`).
    """
    match command.get("do"):
        case "run":
            _require_steps(command.get("steps"), command.get("pace", 0))
        case "reset":
            if command.get("episode") not in episodes:
                raise ConfigError(f"episode={command.get('episode')!r} is not in this split")
        case "instruct" | "correct":
            text = command.get("text")
            if not isinstance(text, str) or len(text) > MAX_INSTRUCTION_CHARS:
                raise ConfigError(
                    f"text must be a sentence of at most {MAX_INSTRUCTION_CHARS} characters"
                )
            if command["do"] == "correct" and not isinstance(policy, TakesCorrections):
                raise ConfigError("this policy hears no corrections: type an instruction")
        case "keys":
            keys = command.get("keys")
            if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                raise ConfigError("keys must be a list of names of keys")
            if not keyboard.help:
                raise ConfigError("this env's actions can't be made by keys")
        case do if do in HAND_COMMANDS:
            require_sound(command, hand, MAX_INSTRUCTION_CHARS)
        case do if do not in COMMANDS_WITHOUT_VALUE:
            raise ConfigError(f"do={do!r} is unknown")


def _require_steps(steps: Any, pace: Any) -> None:
    if steps is not None and (type(steps) is not int or not 0 < steps < UNLIMITED_STEPS):
        raise ConfigError(f"steps={steps!r} must be a whole number above 0, or null")
    if type(pace) not in (int, float) or not 0 <= pace <= MAX_PACE_HZ:
        raise ConfigError(f"pace={pace!r} must be steps a second, 0 to {MAX_PACE_HZ}")
