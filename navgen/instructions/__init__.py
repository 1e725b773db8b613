"""Backward generation: instructions are written from trajectories."""
