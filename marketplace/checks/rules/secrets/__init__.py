"""Keys, tokens and passwords in any string: by the shapes of known kinds, by what is written beside them, and by their randomness."""
