"""Pictures of a 3-D world: colour, metric depth and instance ids in one pass."""
