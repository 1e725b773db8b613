"""A code forge: GitLab's paths and page structure, which the benchmark's evaluators look for."""
