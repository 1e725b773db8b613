"""Files of MGDM's weights. MiniLM, beside which they are trained, comes with its package."""

from __future__ import annotations

from policies.checkpoint import CheckpointFormat
from policies.mgdm.config import MgdmConfig

FILES = CheckpointFormat("mgdm", "MGDM", MgdmConfig)
