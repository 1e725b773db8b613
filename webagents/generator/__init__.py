"""Makes tasks for the local sites from a seed, in the benchmark's own format, with an oracle's
moves."""
