"""Policies without weights: random, hold, replay, and the stand-in for a worker's expert."""
