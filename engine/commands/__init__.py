"""What the engine needs done on the other side of a gateway, and what came of it.

A command is a row with a deadline. The gateway that holds its channel takes it, does it, and
reports.

Invariants:

1. A command is given to a gateway at most once: it is marked SENT in a transaction before it is
   given.
2. A final state never changes.
3. A command that is not final after its deadline becomes TIMED_OUT.
"""
