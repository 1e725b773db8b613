"""The architecture of a Seer network, and the three that the suite offers by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from longhaul.errors import ConfigError, require_known
from longhaul.policies.checkpoint import Architecture


@dataclass(frozen=True)
class SeerConfig(Architecture):
    """The architecture: all that is needed to build the network and read its weights.

    The defaults are the published Seer for CALVIN (arXiv 2412.15109 and its released code).
    `vision` is vitmae (frozen, from a folder) or small (trained with the rest); `text` is clip
    (from a folder) or minilm (from a package); both are frozen. `state` is linear (as published)
    or fourier: see FrameEmbedding. `vision_width` and `text_width` are the widths of the encoders'
    features. `history` is K, in frames; `inv` is the number of future actions that one timestep
    predicts; `foresight_steps` is how far ahead the predicted images lie, in frames.
    """

    name: str = "base"
    hidden: int = 384
    layers: int = 24
    heads: int = 12
    history: int = 10
    latents: int = 6
    frs_per_camera: int = 9
    inv: int = 3
    foresight_steps: int = 3
    dropout: float = 0.1
    gripper_width: bool = False
    state: str = "linear"
    vision: str = "vitmae"
    vision_width: int = 768
    text: str = "clip"
    text_width: int = 512
    image_size: int = 224
    patch_size: int = 16
    resampler_depth: int = 3
    resampler_heads: int = 8
    resampler_head_width: int = 64
    decoder_layers: int = 2
    decoder_heads: int = 16

    CHOICES: ClassVar = {
        "vision": ("vitmae", "small"),
        "text": ("clip", "minilm"),
        "state": ("linear", "fourier"),
    }
    FREE: ClassVar = ("history",)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("heads", "decoder_heads"):
            if self.hidden % getattr(self, name):
                raise ConfigError(f"hidden {self.hidden} is no multiple of {name}")
        if self.image_size % self.patch_size:
            raise ConfigError(f"image_size {self.image_size} is no multiple of {self.patch_size}")
        if round(self.frs_per_camera**0.5) ** 2 != self.frs_per_camera:
            raise ConfigError(f"frs_per_camera {self.frs_per_camera} is no square")

    @property
    def patches(self) -> int:
        """Number of patches of a foreseen image."""
        return (self.image_size // self.patch_size) ** 2

    @property
    def patch_values(self) -> int:
        """Pixel values of one patch: size x size x 3 channels."""
        return self.patch_size**2 * 3


SEER_BASE = SeerConfig()
SEER_LARGE = SeerConfig(name="large", hidden=1024, heads=16, latents=16, frs_per_camera=16)
SEER_SMALL = SeerConfig(
    name="small",
    hidden=256,
    layers=4,
    heads=4,
    history=1,
    latents=4,
    frs_per_camera=4,
    dropout=0.0,
    state="fourier",
    vision="small",
    vision_width=96,
    text="minilm",
    text_width=384,
    image_size=84,
    patch_size=14,
    resampler_depth=1,
    resampler_heads=4,
    resampler_head_width=32,
    decoder_layers=1,
    decoder_heads=8,
)
SEER_ARCHITECTURES = {config.name: config for config in (SEER_SMALL, SEER_BASE, SEER_LARGE)}


def architecture(name: str) -> SeerConfig:
    """Return a named architecture, or raise ConfigError naming the valid ones."""
    require_known("policy.architecture", name, SEER_ARCHITECTURES)
    return SEER_ARCHITECTURES[name]
