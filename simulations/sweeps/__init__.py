"""Sweeps: one scenario played many times over values of its parameters and seeds, and what came out on average."""
