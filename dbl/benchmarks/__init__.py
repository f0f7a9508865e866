"""Measurements of time and memory, one file each; ``tools/benchmark.py`` prints them."""
