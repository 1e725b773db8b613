"""Only named by lerobot's readers of videos, never called."""
