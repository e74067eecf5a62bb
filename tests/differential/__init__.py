"""Random policies over random facts, settled by two engines and compared line by line. `python -m tests.differential` runs it at length."""
