"""Pictures of a 3-D world: color, metric depth and instance ids in one pass."""
