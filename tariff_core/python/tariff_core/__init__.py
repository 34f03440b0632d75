"""Price OCPI sessions exactly: one by one with reasons, or by the million in columns."""

from tariff_core._native import cut, estimate, lint, price

__all__ = ["cut", "estimate", "lint", "price"]
