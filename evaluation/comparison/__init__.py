"""Comparisons of finished runs: paired tests, ablation tables and power analysis."""
