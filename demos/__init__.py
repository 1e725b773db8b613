"""Demonstration datasets: what one is (`source`), its readers and writers, and training windows.

`open_source(folder)` recognizes a dataset by what lies in its folder.
"""
