"""CALVIN's own layout: a folder of one npz a frame, with sentences for some windows of frames."""
