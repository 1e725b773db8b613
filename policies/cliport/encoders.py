"""The frozen encoders that the trained weights need: their folders and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.cliport.clip_vision import ClipTrunk
from longhaul.policies.cliport.config import CliportConfig
from longhaul.policies.cliport.model import Cliport
from longhaul.policies.cliport.published import Published
from longhaul.policies.cliport.text import TextEncoder, text_encoder, text_folder

WEIGHTS_FILE = "model.safetensors"
"""The file of an encoder's weights in its folder, as transformers names it."""


@dataclass(frozen=True)
class Encoders:
    """The encoders' folders and the sha256 of their weights, under the keys text and, for the
    published streams, vision."""

    folders: Mapping[str, Path]
    hashes: Mapping[str, str]

    @classmethod
    def find(cls, config: CliportConfig, vision: str | None, text: str | None) -> Encoders:
        """Return the encoders that `config` needs, from the folders given for vision and text.

        Raises ConfigError naming the option to set, or the package to install.
        """
        folders = {"text": text_folder(config, text)}
        if config.streams == "published":
            if vision is None:
                raise ConfigError(
                    f"CLIPort {config.name!r} needs policy.vision_folder: OpenAI's CLIP RN50 as "
                    f"{WEIGHTS_FILE}, with its own names (visual.conv1.weight, ...)"
                )
            folders["vision"] = Path(vision)
        for name, folder in folders.items():
            if not (folder / WEIGHTS_FILE).is_file():
                raise ConfigError(f"policy.{name}_folder={folder} holds no {WEIGHTS_FILE}")
        return cls(folders, {name: file_hash(f / WEIGHTS_FILE) for name, f in folders.items()})

    def require(self, trained_with: Mapping[str, str]) -> None:
        """Raise CheckpointError if weights were trained with other encoders than these."""
        for name, wanted in trained_with.items():
            if self.hashes.get(name) != wanted:
                raise CheckpointError(
                    f"the checkpoint was trained with the {name} encoder {wanted[:12]}, "
                    f"{self.folders.get(name)} holds {self.hashes.get(name, 'none')[:12]}"
                )

    def text(self, config: CliportConfig) -> TextEncoder:
        """Load the text encoder."""
        return text_encoder(config, self.folders["text"])

    def put_into(self, model: Cliport) -> None:
        """Load the frozen trunk of a network that has one."""
        if isinstance(model.net, Published):
            model.net.vision = ClipTrunk.from_folder(self.folders["vision"], model.config.width)
