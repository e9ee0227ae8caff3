"""Finished runs kept as tests of their crew, and trying the crew against them as it is now."""
