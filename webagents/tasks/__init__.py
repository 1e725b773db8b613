"""The benchmark's task files: their format, their reader, and their defects."""
