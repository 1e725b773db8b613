"""Evaluation: runs policies in envs, keeps what happened, computes metrics, and compares and shows
runs."""
