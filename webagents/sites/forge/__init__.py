"""A code forge: GitLab's paths and page structure, which the benchmark's evaluators look for."""

from webagents.sites.forge.build import make

__all__ = ["make"]
