"""Benchmarks of whole public calls, as ratios to a floor or a peer of the same run."""
