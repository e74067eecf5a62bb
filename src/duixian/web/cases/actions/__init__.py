"""Every write. Each action checks, does, and signs the book in one transaction; nothing else may change a state (tests/web/test_states.py)."""
