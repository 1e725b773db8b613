"""The run folder: episode records, provenance, the rollout's journal and external loggers."""
