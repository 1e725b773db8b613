"""Checkpoint files of CLIPort; the weights of the frozen CLIP encoders are not in them."""

from __future__ import annotations

from longhaul.policies.checkpoint import CheckpointFormat
from longhaul.policies.cliport.config import CliportConfig

CLIPORT_CHECKPOINTS = CheckpointFormat("cliport", "CLIPort", CliportConfig, frozen="net.vision.")
