"""Who may call the engine: names, roles, and the hashes of their keys.

Invariants:

1. A key is shown once, when it is made; only its hash is stored. Keys are 256 random bits, so a
   fast hash is safe.
2. A caller has at most two keys that work: the present one and, for a grace period, the one before.
"""
