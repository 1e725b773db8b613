"""Names that lerobot imports, and a base class that it derives from."""

from torch.nn import Identity, Module

from torchvision.transforms.v2 import functional

Transform = Module

__all__ = ["Identity", "Transform", "functional"]
