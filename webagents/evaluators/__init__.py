"""Scores what an agent did and answered, by the benchmark's rules."""
