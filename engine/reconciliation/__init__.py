"""Comparing what we know of charges with what was billed, and keeping the differences.

Invariants:

1. The same records give the same discrepancies, in whatever order they are read.
2. A discrepancy's id is made of what it is about: a later run finds it again, never a second time.
3. What a person settled stays settled.
"""
