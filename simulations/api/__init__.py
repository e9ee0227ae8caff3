"""Scenarios and simulations for programs."""
