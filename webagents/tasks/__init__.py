"""The benchmark's task files: their format, how they are read, and what is wrong in them."""
