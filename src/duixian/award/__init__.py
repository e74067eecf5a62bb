"""What one applicant gets, why, and what a total pays: pure functions over claims. Knows amounts and keys, no policy and no file."""
