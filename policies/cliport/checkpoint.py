"""Files of CLIPort's weights, without those of the frozen CLIP beside which it was trained."""

from __future__ import annotations

from longhaul.policies.checkpoint import CheckpointFormat
from longhaul.policies.cliport.config import CliportConfig

FILES = CheckpointFormat("cliport", "CLIPort", CliportConfig, frozen="net.vision.")
