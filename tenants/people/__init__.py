"""The API's doors for people: accounts, sign-in, workspaces, members, keys, the log."""
