"""Policies without weights: random and constant actions, replay, and the experts' counterparts."""
