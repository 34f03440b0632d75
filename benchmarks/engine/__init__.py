"""Durable writes with the real domain logic, against the bare unary echo of the same run."""

from benchmarks.engine.measure import measure

__all__ = ["measure"]
