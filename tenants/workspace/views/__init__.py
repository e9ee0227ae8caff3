"""Pages of a workspace about its people, its keys and its log."""
