"""Sizes of a CLIPort network, and the two the suite names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from envs.specs import ConfigError


@dataclass(frozen=True)
class CliportConfig:
    """The architecture: all that is needed to build the network and read its weights.

    The defaults are the published ones (arXiv 2109.12098 and its released code). `streams` is
    published (beside a frozen CLIP RN50) or small. `width` is the number of channels that all
    others are multiples of. `text` is clip (one vector for a sentence) or minilm (a vector for
    each of at most `text_tokens` tokens), frozen both. `n_rotations` is the number of yaws in
    which the crop around the pick, `crop` pixels wide and `channels` deep, is held against the
    map.
    """

    name: str = "published"
    streams: str = "published"
    width: int = 64
    text: str = "clip"
    text_width: int = 1024
    text_tokens: int = 1
    n_rotations: int = 36
    crop: int = 64
    channels: int = 3

    def __post_init__(self) -> None:
        choices = {"streams": ("published", "small"), "text": ("clip", "minilm")}
        for name, valid in choices.items():
            if getattr(self, name) not in valid:
                raise ConfigError(
                    f"{name}={getattr(self, name)} is unknown; valid: {', '.join(valid)}"
                )
        for name, value in asdict(self).items():
            if type(value) is int and value < 1:
                raise ConfigError(f"{name}={value} must be at least 1")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CliportConfig:
        """Raise ConfigError for a field that is missing, unknown or of another type."""
        kinds = {field.name: type(field.default) for field in fields(cls)}
        if set(data) != set(kinds):
            raise ConfigError(f"architecture fields differ: {sorted(set(data) ^ set(kinds))}")
        wrong = [name for name, value in data.items() if type(value) is not kinds[name]]
        if wrong:
            raise ConfigError(f"architecture fields of a wrong type: {wrong}")
        return cls(**data)

    def differences(self, other: CliportConfig) -> list[str]:
        """Name the fields in which two architectures differ; the number of rotations may."""
        pairs = [(f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)]
        return [
            f"{name} {mine} and {theirs}"
            for name, mine, theirs in pairs
            if mine != theirs and name != "n_rotations"
        ]


PUBLISHED = CliportConfig()
SMALL = CliportConfig(
    name="small",
    streams="small",
    width=32,
    text="minilm",
    text_width=384,
    text_tokens=48,
)
ARCHITECTURES = {config.name: config for config in (SMALL, PUBLISHED)}


def architecture(name: str) -> CliportConfig:
    """Return a named architecture, or raise ConfigError naming the valid ones."""
    if name not in ARCHITECTURES:
        raise ConfigError(
            f"policy.architecture={name} is unknown; valid: {', '.join(ARCHITECTURES)}"
        )
    return ARCHITECTURES[name]
