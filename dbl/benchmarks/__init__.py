"""Measurements of time and memory, one per file, which ``python -m dbl benchmark`` prints."""
