"""Agents on the web: a real browser, its observations and actions, the benchmark's task files and
evaluators, and local sites for the tasks."""
