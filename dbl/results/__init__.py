"""The results of finished runs, and the paper's numbers."""
