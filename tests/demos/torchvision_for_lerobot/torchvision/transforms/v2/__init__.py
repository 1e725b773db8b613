"""Names that lerobot imports, and a base class that it derives from."""

from torch.nn import Identity, Module

Transform = Module
functional = None

__all__ = ["Identity", "Transform", "functional"]
