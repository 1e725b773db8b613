"""The frozen encoders that the trained weights need: which, their folders and their hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from longhaul.documents import read_json
from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.text import TextEncoder, minilm_folder, text_encoder
from longhaul.policies.seer.vision import ViTMAE

WEIGHTS_FILE = "model.safetensors"
"""The file of an encoder's weights in its folder, as transformers names it."""

MODEL_TYPES = {
    "vitmae": ("vit_mae",),
    "clip": ("clip", "clip_text_model"),
    "minilm": ("bert",),
}
"""The `model_type`s of config.json that are accepted. transformers would load a similar model of
another type without an error."""


@dataclass(frozen=True)
class Encoders:
    """`vision` is None where the image encoder is trained and part of the network."""

    vision: nn.Module | None
    text: TextEncoder


def encoder_folders(
    config: SeerConfig, vision_folder: str | None, text_folder: str | None
) -> dict[str, Path]:
    """Return the folder of each frozen encoder that `config` needs.

    Raises ConfigError naming every option to set, or the package to install.
    """
    missing = []
    if config.vision == "vitmae" and vision_folder is None:
        missing.append("policy.vision_folder (a ViT-MAE base in transformers' format)")
    if config.text == "clip" and text_folder is None:
        missing.append("policy.text_folder (a CLIP ViT-B/32 in transformers' format)")
    if missing:
        raise ConfigError(
            f"Seer {config.name!r} needs frozen encoders: set {' and '.join(missing)}"
        )
    folders = {"text": minilm_folder() if config.text == "minilm" else Path(str(text_folder))}
    if config.vision == "vitmae":
        folders["vision"] = Path(str(vision_folder))
    for name, kind in (("text", config.text), ("vision", config.vision)):
        if name in folders:
            _require_model(name, kind, folders[name])
    return folders


def _require_model(name: str, kind: str, folder: Path) -> None:
    if not (folder / WEIGHTS_FILE).is_file():
        raise ConfigError(
            f"policy.{name}_folder={folder} holds no {WEIGHTS_FILE}, which transformers' "
            "save_pretrained writes"
        )
    try:
        found = read_json(folder / "config.json")["model_type"]
    except (OSError, ValueError, TypeError, KeyError):
        found = "nothing known"
    if found not in MODEL_TYPES[kind]:
        valid = ", ".join(MODEL_TYPES[kind])
        raise ConfigError(f"policy.{name}_folder={folder} holds {found}; valid: {valid}")


def encoder_hashes(folders: Mapping[str, Path]) -> dict[str, str]:
    """Return the sha256 of each frozen encoder's weights, to be kept with a checkpoint."""
    return {name: file_hash(folder / WEIGHTS_FILE) for name, folder in folders.items()}


def require_same(trained_with: Mapping[str, str], folders: Mapping[str, Path]) -> None:
    """Raise CheckpointError if weights were trained with other encoders than those in `folders`.

    `trained_with` holds the hashes that the checkpoint recorded, if any.
    """
    for name, wanted in trained_with.items():
        found = file_hash(folders[name] / WEIGHTS_FILE) if name in folders else "none"
        if found != wanted:
            raise CheckpointError(
                f"the checkpoint was trained with the {name} encoder {wanted[:12]}, "
                f"{folders.get(name)} holds {found[:12]}"
            )


def load_encoders(config: SeerConfig, folders: Mapping[str, Path]) -> Encoders:
    """Load the frozen encoders onto the CPU."""
    vision = ViTMAE.from_folder(folders["vision"], config) if "vision" in folders else None
    return Encoders(vision, text_encoder(config, folders["text"]))
