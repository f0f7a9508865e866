"""Figures, one a file: what they show is computed on arrays, and drawn on axes that are given."""
