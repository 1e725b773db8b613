"""Procedural houses: plans, furniture, shells, and the files they become."""
