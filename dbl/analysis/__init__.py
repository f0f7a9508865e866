"""One figure per file: one function computes its arrays, and another draws them on given axes."""
