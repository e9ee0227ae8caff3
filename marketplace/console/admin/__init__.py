"""Unfold's tables of the market. Nothing in them is changed by hand that a service answers for."""

from marketplace.console.admin import tables

__all__ = ["tables"]
