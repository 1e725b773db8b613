"""Summaries, tables and reports in words and pictures, for the terminal and as files."""
