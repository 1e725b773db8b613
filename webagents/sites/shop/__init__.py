"""A shop with an administration: Magento's paths and page structure, which the benchmark's
evaluators look for."""
