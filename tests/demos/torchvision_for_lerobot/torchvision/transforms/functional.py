"""A name that transformers imports; never called."""

pil_to_tensor = None
