"""Price OCPI sessions exactly: one by one with reasons, or by the million in columns."""

from tariff_core._native import lint, price

__all__ = ["lint", "price"]
