"""Only named by lerobot and transformers, never called."""
