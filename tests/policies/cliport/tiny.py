"""Networks small enough for tests, and the folders of frozen encoders that they stand beside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from longhaul.policies.cliport.clip_vision import WEIGHT_PREFIX, ClipTrunk
from longhaul.policies.cliport.config import CLIPORT_PUBLISHED, CLIPORT_SMALL
from longhaul.policies.cliport.model import Cliport, untrained

TINY = replace(
    CLIPORT_SMALL, name="tiny", width=4, text_width=12, text_tokens=6, crop=16, n_rotations=4
)
TINY_PUBLISHED = replace(
    CLIPORT_PUBLISHED, name="tiny", width=16, text_width=16, crop=32, channels=8, n_rotations=4
)
CONFIGS = (TINY, TINY_PUBLISHED)


def lively(config=TINY, noise: float = 0.2) -> Cliport:  # type: ignore[no-untyped-def]
    """Return a network whose every part matters to the output: all weights moved by noise."""
    model = untrained(config, seed=0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            scale = noise / max(1.0, weight[0].numel() / 9) ** 0.5
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=scale)
    return model.eval()


def inputs(config, count: int = 2, size: tuple[int, int] = (64, 32)) -> tuple[torch.Tensor, ...]:  # type: ignore[no-untyped-def]
    """Return maps (count, 4, *size), tokens, the last of which is empty, and pixels (count, 2)."""
    generator = torch.Generator().manual_seed(1)
    maps = torch.rand(count, 4, *size, generator=generator)
    text = torch.randn(count, config.text_tokens, config.text_width, generator=generator)
    if config.text_tokens > 1:
        text[:, -1] = 0
    return maps, text, torch.randint(0, min(size), (count, 2), generator=generator)


def vision_folder(folder: Path, width: int) -> Path:
    """Write a random CLIP trunk under OpenAI's names, with weights that nobody asks for."""
    folder.mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = {
            WEIGHT_PREFIX + name: value for name, value in ClipTrunk(width).state_dict().items()
        }
    weights["visual.attnpool.q_proj.weight"] = torch.zeros(2, 2)
    save_file(weights, folder / "model.safetensors")
    return folder
