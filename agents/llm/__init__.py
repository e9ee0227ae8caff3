"""The one door to language models. Knows nothing of Django."""
