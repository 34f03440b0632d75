"""Where charging happens: locations with their EVSEs and connectors, ours and our partners'.

Invariants:

1. A location's key is (owner, id) without regard to case; only its owner's platform writes it.
2. The status of an EVSE of ours follows what its station says; changing it renews the location.
"""
