"""Read-only links to plays, for people without an account."""
