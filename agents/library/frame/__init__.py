"""What agent classes are made of: the base with its hooks, three layers on top of it, and the loader."""
