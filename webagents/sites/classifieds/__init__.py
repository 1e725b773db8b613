"""Classified advertisements: Osclass's addresses and page structure, which the benchmark's
evaluators look for."""

from webagents.sites.classifieds.build import make

__all__ = ["make"]
