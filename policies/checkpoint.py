"""Weights on disk: one safetensors file whose metadata says what they belong to.

Networks compute in float32, whatever type their file has. Frozen pretrained encoders are not
stored; the hash of their weights may be, so that acting beside another encoder is refused.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from longhaul.documents import parse_json, read_object
from longhaul.errors import ConfigError, require_known
from longhaul.files import replacing
from longhaul.policies.tensors import write_tensors
from longhaul.tensors import is_of_torch, largest_side, read_header

CHECKPOINT_VERSION = "1"
"""The version of the files that this module writes and reads, as their metadata says it."""


TRAINED_ON_KEY = "trained_on"
"""The key in a checkpoint's metadata of what it was trained on, as a JSON object."""

MOST_TRAINED_ON_BYTES = 2**20
"""The size limit of that object, in bytes: names of 10,000 houses have fewer."""

MOST_LAYERS, MOST_SIDE = 128, 4096
"""The layers and the width that a network may claim to have beyond those of its file's tensors."""


class CheckpointError(ConfigError):
    """A file of weights that cannot be used; the message names it and says why."""


def trained_on_metadata(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the metadata that say what a checkpoint was trained on; `facts` are plain JSON."""
    return {TRAINED_ON_KEY: json.dumps(facts, sort_keys=True)}


def path_of_facts(checkpoint: Path) -> Path:
    """Return where a checkpoint's facts lie if its own file has no place for them."""
    return checkpoint.with_suffix(".trained_on.json")


def read_trained_on(checkpoint: Path | None) -> dict[str, Any]:
    """Return what a checkpoint was trained on (longhaul.policies.policy.TrainedOn).

    It stands in the file's metadata, or in a file beside it, as for the checkpoints that the suite
    ships: NAME.trained_on.json for NAME.safetensors. Returns {} if neither says it, or without a
    checkpoint. Raises ConfigError, in one line, for what is no JSON object.
    """
    if checkpoint is None:
        return {}
    beside = path_of_facts(checkpoint)
    if beside.is_file():
        return read_object(beside, MOST_TRAINED_ON_BYTES)
    try:
        with safe_open(checkpoint, "pt") as file:
            text = (file.metadata() or {}).get(TRAINED_ON_KEY, "{}")
    except (SafetensorError, OSError):
        return {}  # weights in another format, of a policy that is not ours
    name = f"checkpoint {checkpoint}: {TRAINED_ON_KEY}"
    found = parse_json(text, name) if len(text) <= MOST_TRAINED_ON_BYTES else None
    if not isinstance(found, Mapping):
        raise CheckpointError(f"{name} is no JSON object of at most {MOST_TRAINED_ON_BYTES} bytes")
    return dict(found)


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


def _require_likely(data: Any, header: Mapping[str, Any]) -> None:
    """Raise ConfigError for a network that is far larger than the tensors of its file: to build a
    million layers takes forever, whether or not there are weights for them."""
    for name, value in data.items() if isinstance(data, Mapping) else ():
        layers = "layers" in name or "depth" in name
        most = max(MOST_LAYERS, len(header)) if layers else max(MOST_SIDE, largest_side(header))
        if isinstance(value, int) and value > most:
            raise ConfigError(f"{name}={value} does not fit the file's {len(header)} tensors")


A = TypeVar("A", bound=Architecture)


@dataclass(frozen=True)
class CheckpointFormat(Generic[A]):
    """The files of one policy's weights.

    `policy` is its name in configs/policy, `title` what messages call it, `architecture` the class
    of its architectures. Weights whose names begin with `frozen` belong to a frozen encoder and
    are not stored. `converter` is the module that converts the policy's published weights, if there
    are any: `python -m MODULE IN OUT`.
    """

    policy: str
    title: str
    architecture: type[A]
    frozen: str | None = None
    converter: str | None = None

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
        trained_on: Mapping[str, Any] | None = None,
    ) -> None:
        """Write weights named as the network's `state_dict`; the file appears whole or not at all.

        `encoders` maps vision or text to the sha256 of the frozen encoder's weights. What the
        weights were trained on is added by the trainer, or given where weights are written again.
        """
        metadata = {
            "format": self.name,
            "version": CHECKPOINT_VERSION,
            "architecture": json.dumps(config.to_json()),
            "encoders": json.dumps(dict(encoders or {})),
        }
        if trained_on:
            metadata |= trained_on_metadata(trained_on)
        if not path.parent.is_dir():
            raise CheckpointError(f"{path.parent}: no such folder")
        kept = {name: w.detach().to(dtype).contiguous() for name, w in weights.items()}
        with replacing(path) as new:
            write_tensors(new, {name: kept[name] for name in self._stored(kept)}, metadata)

    def read_architecture(self, path: Path, wanted: A | None = None) -> tuple[A, dict[str, str]]:
        """Return a checkpoint's architecture and the hashes of the encoders it was trained beside.

        Raises CheckpointError, naming what was found, for anything but this policy's checkpoint,
        and for another architecture than `wanted`.
        """
        metadata, header = self._metadata(path)
        try:
            data = parse_json(metadata["architecture"], "architecture")
            _require_likely(data, header)
            config = self.architecture.from_json(data)
            encoders = dict(parse_json(metadata["encoders"], "encoders"))
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

    def _remedy(self, path: Path) -> str:
        """Return what to do with a file of torch.save."""
        if self.converter is None:
            return (
                f"is a file of torch.save, and there is no converter for {self.title}: "
                f"policy={self.policy} reads the .safetensors that longhaul train "
                f"policy={self.policy} writes"
            )
        new = f"{path.stem}.safetensors"
        return (
            "is a file of torch.save, which is converted before it is used: "
            f"python -m {self.converter} {shlex.quote(str(path))} {shlex.quote(new)}"
        )

    def _metadata(self, path: Path) -> tuple[dict[str, str], dict[str, Any]]:
        """Return a checkpoint's metadata and its whole header."""
        if not path.is_file():
            raise CheckpointError(f"checkpoint {path}: no such file")
        try:
            header = read_header(path)
            with safe_open(path, "pt") as file:
                metadata: dict[str, str] = file.metadata() or {}
        except (ConfigError, SafetensorError, OSError) as error:
            if not isinstance(error, OSError) and is_of_torch(path):
                raise CheckpointError(f"checkpoint {path} {self._remedy(path)}") from None
            if isinstance(error, ConfigError):
                raise CheckpointError(f"checkpoint {error}") from None
            raise CheckpointError(f"checkpoint {path}: no safetensors file ({error})") from None
        found, version = metadata.get("format", "no policy's weights"), metadata.get("version")
        if found != self.name:
            raise CheckpointError(f"checkpoint {path} holds {found}; valid: {self.name}")
        if version != CHECKPOINT_VERSION:
            raise CheckpointError(
                f"checkpoint {path} is of version {version}; valid: {CHECKPOINT_VERSION}"
            )
        return metadata, header
