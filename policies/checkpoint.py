"""Weights on disk: one safetensors file whose metadata says what they belong to.

Networks compute in float32, whatever type their file has. Frozen pretrained encoders are not
stored; the hash of their weights may be, so that acting beside another encoder is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from longhaul.errors import ConfigError, require_known
from longhaul.files import replacing

CHECKPOINT_VERSION = "1"
"""The version of the files that this module writes and reads, as their metadata says it."""


class CheckpointError(ConfigError):
    """A file of weights that cannot be used; the message names it and says why."""


@dataclass(frozen=True)
class Architecture:
    """The base of a policy's architecture, which is enough to build its network and read weights.

    Whole numbers are at least 1. `CHOICES` has the valid values of the fields that are words.
    `FREE` names the fields in which a checkpoint may differ from the wanted architecture.
    """

    name: str = "published"

    CHOICES: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    FREE: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name, valid in self.CHOICES.items():
            require_known(name, getattr(self, name), valid)
        for name, value in asdict(self).items():
            if type(value) is int and value < 1:
                raise ConfigError(f"{name}={value} must be at least 1")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raise ConfigError for a field that is missing, unknown or of another type."""
        kinds = {field.name: type(field.default) for field in fields(cls)}
        if set(data) != set(kinds):
            raise ConfigError(f"architecture fields differ: {sorted(set(data) ^ set(kinds))}")
        wrong = [name for name, value in data.items() if type(value) is not kinds[name]]
        if wrong:
            raise ConfigError(f"architecture fields of a wrong type: {wrong}")
        return cls(**data)

    def differences(self, other: Self) -> list[str]:
        """Return the fields that differ and are not in FREE, each as `name mine and theirs`."""
        same = replace(other, **{name: getattr(self, name) for name in self.FREE})
        pairs = [(f.name, getattr(self, f.name), getattr(same, f.name)) for f in fields(self)]
        return [f"{name} {mine} and {theirs}" for name, mine, theirs in pairs if mine != theirs]


A = TypeVar("A", bound=Architecture)


@dataclass(frozen=True)
class CheckpointFormat(Generic[A]):
    """The files of one policy's weights.

    `policy` is its name in configs/policy, `title` what messages call it, `architecture` the class
    of its architectures. Weights whose names begin with `frozen` belong to a frozen encoder and
    are not stored.
    """

    policy: str
    title: str
    architecture: type[A]
    frozen: str | None = None

    @property
    def name(self) -> str:
        """The name of this format in a file's metadata."""
        return f"longhaul.{self.policy}"

    def save(
        self,
        path: Path,
        config: A,
        weights: Mapping[str, Tensor],
        encoders: Mapping[str, str] | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Write weights named as the network's `state_dict`; the file appears whole or not at all.

        `encoders` maps vision or text to the sha256 of the frozen encoder's weights.
        """
        metadata = {
            "format": self.name,
            "version": CHECKPOINT_VERSION,
            "architecture": json.dumps(config.to_json()),
            "encoders": json.dumps(dict(encoders or {})),
        }
        if not path.parent.is_dir():
            raise CheckpointError(f"{path.parent}: no such folder")
        kept = {name: w.detach().to(dtype).contiguous() for name, w in weights.items()}
        with replacing(path) as new:
            save_file({name: kept[name] for name in self._stored(kept)}, new, metadata)

    def read_architecture(self, path: Path, wanted: A | None = None) -> tuple[A, dict[str, str]]:
        """Return a checkpoint's architecture and the hashes of the encoders it was trained beside.

        Raises CheckpointError, naming what was found, for anything but this policy's checkpoint,
        and for another architecture than `wanted`.
        """
        metadata = self._metadata(path)
        try:
            config = self.architecture.from_json(json.loads(metadata["architecture"]))
            encoders = dict(json.loads(metadata["encoders"]))
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"checkpoint {path}: broken metadata ({error})") from None
        differences = [] if wanted is None else config.differences(wanted)
        if wanted is not None and differences:
            raise CheckpointError(
                f"checkpoint {path} is {self.title} {config.name!r}, the policy is {self.title} "
                f"{wanted.name!r} ({'; '.join(differences)}); policy={self.policy} takes the "
                "checkpoint's own"
            )
        return config, encoders

    def choose(
        self, given: Path | None, shipped: Path, wanted: A | None, untrained: A
    ) -> tuple[Path | None, A, dict[str, str]]:
        """Return the file of weights to act with, its architecture and encoders' hashes.

        The file is the one `given`. Without it the file is the `shipped` one, unless an
        architecture is `wanted`. Else there is no file (None), and the architecture is the one
        `wanted`, or `untrained`. Raises as read_architecture does.
        """
        if given is None and wanted is None and shipped.is_file():
            given = shipped
        if given is None:
            return None, wanted or untrained, {}
        return given, *self.read_architecture(given, wanted)

    def read_weights(self, path: Path, wanted: A | None = None) -> dict[str, Tensor]:
        """Return a checkpoint's weights in float32, on the CPU; raises as read_architecture does,
        and where a weight is not finite."""
        self.read_architecture(path, wanted)
        weights = {name: weight.float() for name, weight in load_file(path).items()}
        if not all(torch.isfinite(weight).all() for weight in weights.values()):
            raise CheckpointError(f"checkpoint {path}: weights are not finite")
        return weights

    def load_into(self, model: nn.Module, path: Path, wanted: A | None = None) -> None:
        """Put a checkpoint's weights into a network, which may be on the meta device.

        Raises CheckpointError, in one line, if they do not fit.
        """
        weights = self.read_weights(path, wanted)
        odd = sorted(set(self._stored(model.state_dict())) ^ weights.keys())
        if odd:
            raise CheckpointError(f"checkpoint {path}: weights do not fit ({odd[0]} and others)")
        try:
            model.load_state_dict(weights, strict=False, assign=True)
        except RuntimeError as error:
            reason = str(error).splitlines()[-1].strip()
            raise CheckpointError(f"checkpoint {path}: weights do not fit ({reason})") from None

    def _stored(self, weights: Mapping[str, Tensor]) -> list[str]:
        frozen = self.frozen
        return [name for name in weights if frozen is None or not name.startswith(frozen)]

    def _metadata(self, path: Path) -> dict[str, str]:
        if not path.is_file():
            raise CheckpointError(f"checkpoint {path}: no such file")
        try:
            with safe_open(path, "pt") as file:
                metadata: dict[str, str] = file.metadata() or {}
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"checkpoint {path}: no safetensors file ({error})") from None
        found, version = metadata.get("format", "no policy's weights"), metadata.get("version")
        if found != self.name:
            raise CheckpointError(f"checkpoint {path} holds {found}; valid: {self.name}")
        if version != CHECKPOINT_VERSION:
            raise CheckpointError(
                f"checkpoint {path} is of version {version}; valid: {CHECKPOINT_VERSION}"
            )
        return metadata
