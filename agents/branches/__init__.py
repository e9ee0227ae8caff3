"""Runs again from any task, with other texts, models, inputs or outputs."""
