"""Classified advertisements: Osclass's addresses and page structure, which the benchmark's
evaluators look for."""
