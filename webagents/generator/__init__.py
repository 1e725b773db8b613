"""Tasks for the local sites, made from a seed in the benchmark's own format, with the way an oracle
goes."""
