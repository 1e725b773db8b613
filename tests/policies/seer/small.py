"""A Seer small enough for tests, whose read-outs are not zero as they start, and tiny encoders in
transformers' folders."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from longhaul.policies.seer.config import SEER_BASE, SEER_SMALL, SeerConfig
from longhaul.policies.seer.initialize import untrained
from longhaul.policies.seer.model import Seer

TINY = replace(
    SEER_SMALL,
    patch_size=16,
    name="tiny",
    hidden=32,
    layers=2,
    heads=4,
    history=4,
    dropout=0.1,
    latents=2,
    frs_per_camera=4,
    vision_width=24,
    text_width=8,
    image_size=32,
    resampler_depth=1,
    resampler_head_width=8,
    decoder_heads=4,
)


def lively(config: SeerConfig, noise: float = 0.2) -> Seer:
    """Return a network whose every part matters to the output: all weights moved by noise."""
    model = untrained(config, seed=0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=noise)
    return model.eval()


def frames(n: int, size: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Return uint8 images (n, 2, 3, size, size), arm (n, 6) and gripper (n,)."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (n, 2, 3, size, size), generator=generator, dtype=torch.uint8)
    arm = torch.randn(n, 6, generator=generator)
    return images, arm, torch.randint(0, 2, (n,), generator=generator).float()


MAE_CONFIG = replace(SEER_BASE, name="tiny", vision_width=16, image_size=32, history=3)


def mae_folder(folder: Path) -> Path:
    """Write a random ViT-MAE of 16 wide features at 32 px."""
    from transformers import ViTMAEConfig, ViTMAEModel

    torch.manual_seed(0)
    config = ViTMAEConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=16,
    )
    ViTMAEModel(config).save_pretrained(folder)
    return folder


def clip_folder(folder: Path, width: int) -> Path:
    """Write a random CLIP text tower and a tokenizer that knows single letters."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    torch.manual_seed(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    tokens = [*letters, *(f"{x}</w>" for x in letters), "<|startoftext|>", "<|endoftext|>"]
    config = CLIPTextConfig(
        vocab_size=len(tokens),
        hidden_size=16,
        intermediate_size=32,
        projection_dim=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=20,
        bos_token_id=len(tokens) - 2,
        eos_token_id=len(tokens) - 1,
        pad_token_id=len(tokens) - 1,
    )
    CLIPTextModelWithProjection(config).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer"}))
    return folder


class Recorder(nn.Module):
    """A vision encoder that counts the images it sees."""

    def __init__(self, width: int, patches: int) -> None:
        super().__init__()
        self.project = nn.Linear(3, width)
        self.patches = patches
        self.seen = 0

    def forward(self, images: Tensor) -> Tensor:
        self.seen += len(images)
        cells = torch.nn.functional.adaptive_avg_pool2d(images, round(self.patches**0.5))
        features = self.project(cells.flatten(2).transpose(1, 2))
        return torch.cat([features.mean(1, keepdim=True), features], dim=1)
