"""CALVIN's own layout: a folder with one npz per frame, and sentences for some windows of
frames."""
