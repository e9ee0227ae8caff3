"""What only a whole scenario shows: that every name is known, every number possible, and nothing larger than the limits."""

from simulations.engine.spec.checks.everything import check

__all__ = ["check"]
