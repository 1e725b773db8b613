"""Demonstration datasets: their interface (`source`), readers, writers, and training windows.

`open_source(folder)` recognizes the kind of a dataset by the files in its folder.
"""
