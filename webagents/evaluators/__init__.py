"""Scores an agent's answer and actions by the benchmark's rules."""
