"""What makes, checks and describes a data set; no run needs it."""
