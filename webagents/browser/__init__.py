"""A real browser: Playwright drives the system's Chromium; one browser a worker, a fresh context
an episode."""
