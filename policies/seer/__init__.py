"""Seer: foresee the next images, and infer the action that leads there (arXiv 2412.15109)."""
