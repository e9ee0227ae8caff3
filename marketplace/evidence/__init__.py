"""What real runs say about a version: figures that name nobody, and how well it works."""
