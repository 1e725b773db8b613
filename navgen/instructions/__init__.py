"""Backward generation: what was walked, said in words."""
