"""The rollout loop: tasks, worker processes, and the rules by which a policy plays episodes in
them."""
