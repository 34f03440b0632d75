"""Tariffs, ours and our partners', and the one door to the pricing library.

Invariants:

1. Every version of a tariff that was ever in force is kept: a session is priced by the one sealed
   at its start.
2. A tariff that cannot be parsed is refused with the JSON path; what is merely odd is stored, with
   findings.
3. Only `pricing.py` knows `tariff_core`.
"""
