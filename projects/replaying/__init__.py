"""Runs played again from their record: every answer of a model, a tool and a person is taken from there, and nothing is asked."""
