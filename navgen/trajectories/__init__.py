"""The expert's ways through tasks, leg by leg."""
