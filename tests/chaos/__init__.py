"""Kills and stops at random moments (`bash scripts/chaos.sh`), and tests of kills at given ones."""
