"""NavGen: houses, tasks, trajectories and instructions for long-horizon navigation."""
