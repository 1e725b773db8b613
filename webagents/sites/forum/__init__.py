"""A forum: Postmill's paths and page structure, which the benchmark's evaluators look for."""

from webagents.sites.forum.build import make

__all__ = ["make"]
