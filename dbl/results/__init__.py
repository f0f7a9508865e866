"""What finished runs gave, and the paper's numbers beside it."""
