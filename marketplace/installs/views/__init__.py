"""The pages of what is installed."""
