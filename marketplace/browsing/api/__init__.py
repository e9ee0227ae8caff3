"""The public marketplace over HTTP."""
