"""Measurements, never assertions: `python -m benchmarks` prints a table of what was asked for and what this machine gave."""
