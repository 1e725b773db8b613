"""A forum: Postmill's paths and page structure, which the benchmark's evaluators look for."""
