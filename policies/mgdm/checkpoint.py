"""Files of MGDM's weights, and networks made of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from longhaul.language.weights import Weights
from longhaul.policies.checkpoint import CheckpointError, CheckpointFormat
from longhaul.policies.mgdm.config import MgdmConfig
from longhaul.policies.mgdm.model import Mgdm

FILES = CheckpointFormat("mgdm", "MGDM", MgdmConfig, frozen="decision.model.")
"""The format of the files. MiniLM is not in them, since it comes with its own package; of a
language model that decides they hold the hash."""

SHIPPED = Path(__file__).parent / "weights" / "mgdm_lhvln.safetensors"


def untrained(config: MgdmConfig, seed: int, language: Weights | None = None) -> Mgdm:
    """Return a network with random weights, which depend on the seed alone. The weights of a
    `language` model that decides are its own."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Mgdm(config, language)


def load_without_head(checkpoint: Path) -> Mgdm:
    """Return a checkpoint's network in eval mode for its encoder and `encode_step`.

    It cannot decide: nothing is read of its head, so that no language model is needed. Raises
    CheckpointError.
    """
    config, _ = FILES.read_architecture(checkpoint)
    model = untrained(replace(config, head="transformer"), 0)
    weights = FILES.read_weights(checkpoint)
    kept = {name: w for name, w in weights.items() if not name.startswith("decision.")}
    found = model.load_state_dict(kept, strict=False)
    odd = [n for n in found.missing_keys if not n.startswith("decision.")] + found.unexpected_keys
    if odd:
        raise CheckpointError(f"checkpoint {checkpoint}: weights do not fit ({odd[0]} and others)")
    return model.eval()
