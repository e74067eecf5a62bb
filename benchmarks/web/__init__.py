"""The casework under load: 20,000 cases, 50 people at once, on SQLite and PostgreSQL. `python -m benchmarks.web`."""
