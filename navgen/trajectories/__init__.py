"""The expert's trajectories through tasks, leg by leg."""
