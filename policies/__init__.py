"""Policies: one folder each, behind the contract in `policies.policy`."""
