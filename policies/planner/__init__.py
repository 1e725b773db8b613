"""Planners in words: a language model names steps, an actor carries them out, reporters report."""
