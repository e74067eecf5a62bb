"""The law of the books, pure: which moves of money there are, from where to where, and what may never happen."""
