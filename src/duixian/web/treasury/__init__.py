"""The money of a yearly total as an append-only ledger; every balance is derived."""
