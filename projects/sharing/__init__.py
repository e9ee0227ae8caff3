"""Read-only links to runs, for people without an account."""
