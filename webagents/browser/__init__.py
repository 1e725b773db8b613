"""A real browser: Playwright drives the system's Chromium, one for each worker, with a fresh
context for each episode."""
