"""Tasks of a house: drafted by a template or a language model, and let through one validator."""
