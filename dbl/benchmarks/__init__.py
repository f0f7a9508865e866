"""Measurements of time and memory, one file each; ``python -m dbl benchmark`` prints them."""
