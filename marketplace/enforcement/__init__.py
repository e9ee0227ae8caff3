"""What the platform stops: blocks of versions, listings, publishers, digests and tools, from a warning to a halt everywhere."""
