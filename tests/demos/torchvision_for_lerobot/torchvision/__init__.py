"""What lerobot asks of torchvision when it reads and writes datasets; videos are read by PyAV.

No build of torchvision fits beside a CPU torch 2.13; with this folder on PYTHONPATH the real
lerobot package opens datasets without one.
"""

from torchvision import io

__version__ = "0.0"


def set_video_backend(name: str) -> None:
    assert name == "pyav"


__all__ = ["__version__", "io", "set_video_backend"]
