"""A shop with an administration: Magento's paths and page structure, which the benchmark's
evaluators look for."""

from webagents.sites.shop.build import make

__all__ = ["make"]
