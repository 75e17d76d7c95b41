"""A case, its answers and its runs, and the plant that is read from them."""
