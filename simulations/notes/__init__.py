"""Bookmarks: steps of a play that somebody wants to find again."""
