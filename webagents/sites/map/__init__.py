"""A map of a town with routes: OpenStreetMap's addresses and page structure, which the benchmark's
evaluators look for."""
