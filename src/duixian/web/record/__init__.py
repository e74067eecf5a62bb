"""The record: an append-only, hash-chained book of every write, of reads of personal data and of refusals."""
