"""Pricing in columns, from JSON text and with reasons, beside Polars and DuckDB."""

import os

# Figures are per core, and Polars reads this once, when it is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from benchmarks.pricing.measure import measure

__all__ = ["measure"]
