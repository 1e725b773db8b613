"""WebArena-Verified's own evaluator beside ours."""
