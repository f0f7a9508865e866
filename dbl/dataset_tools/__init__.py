"""Tools that make, check, and describe a data set. No run needs them."""
