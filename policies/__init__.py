"""Policies: one folder each, behind the contract in `longhaul.policies.policy`."""
