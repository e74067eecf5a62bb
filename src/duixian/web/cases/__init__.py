"""The casework: cycles, applications, settlements, notices, payments. models → states (one table) → actions (every write) | queries (every read) → views."""
