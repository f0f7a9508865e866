"""Training and evaluating an experiment: start with ``loop.py``."""
