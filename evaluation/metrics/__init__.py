"""Metrics of episode records, and their confidence intervals."""
