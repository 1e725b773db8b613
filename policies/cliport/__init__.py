"""CLIPort: pick and place by language, as classification of the pixels of a top-down map."""
